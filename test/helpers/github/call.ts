import type {IncomingHttpHeaders} from 'node:http'
import type {App} from './app.ts'
import type {Organization, Repository} from './repository.ts'
import type {Scope} from './scope.ts'
import type {Github} from './state.ts'

/** A request with the values of its path. `complaint` is what is wrong with its query and its body, for those who may call. */
export type Call = {
  github: Github
  params: Record<string, string>
  url: URL
  body: unknown
  headers: IncomingHttpHeaders
  complaint: string | undefined
}
export type RepositoryCall = Call & {repository: Repository}
export type ScopeCall = Call & {scope: Scope; organization: Organization | undefined}
export type AppCall = Call & {app: App}
