import {cpus} from 'node:os'
import {fileURLToPath} from 'node:url'
import type {HttpBindings} from '@hono/node-server'
import {Hono} from 'hono'
import {codeModule} from '../package-files.ts'
import {platformApi} from './api/platform-api.ts'
import {DatabaseTokens} from './database-token.ts'
import {openDirectory} from './directory.ts'
import {entrance} from './entrance.ts'
import {faults} from './faults.ts'
import {landingPage} from './landing-page.ts'
import {sqlOverHttp} from './sql-over-http.ts'
import {SqlProcesses, statementLimitMs} from './sql-processes.ts'

/** What the server serves its one organization as. */
export const organization = 'local'

export type ServerOptions = {
  /** The local platform's directory; it exists. */
  directory: string
  /** The group that new databases belong to. */
  group: string
  /** The one platform token that the API takes. A secret. */
  apiToken: string
  /** `127.0.0.1:8080`, once it is known. */
  host: () => string
  /** Added to each answer. */
  latencyMs: number
  /** Whether to answer as Turso Cloud where it differs from the open-source server. */
  isCloud: boolean
  /** Whether requests to the Platform API are refused that have fields which Turso does not know. */
  isStrict: boolean
  /** How long one statement may run, in milliseconds. */
  statementLimitMs?: number
  /** What `/version` says. */
  version: string
}

export type Server = {app: Hono<{Bindings: HttpBindings}>; close(): Promise<void>}

/** `strat dev` without a socket: Turso's Platform API and SQL over HTTP over the files of the local platform. */
export async function createServer({
  directory,
  group,
  apiToken,
  host,
  latencyMs,
  isCloud,
  isStrict,
  version,
  statementLimitMs: limitMs = statementLimitMs,
}: ServerOptions): Promise<Server> {
  const processes = new SqlProcesses(fileURLToPath(codeModule('server/sql/process')), Math.min(4, Math.max(2, cpus().length)), limitMs)
  const served = await openDirectory({directory, group, onRevoked: (name) => void processes.release(name)})
  const {routes, hit} = faults()
  const app = new Hono<{Bindings: HttpBindings}>()
  app.use(entrance(hit))
  app.route('/', routes)
  if (latencyMs > 0) app.use((_, next) => new Promise<void>((resolve) => setTimeout(resolve, latencyMs)).then(next))
  app.route('/', sqlOverHttp({directory: served, processes, tokens: new DatabaseTokens({isCloud}), isCloud, version}))
  app.route('/', platformApi({directory, group, organization, apiToken, isCloud, isStrict, host, release: (name) => processes.release(name)}))
  app.route('/', landingPage({directory, group, organization, host}))
  app.get('/health', (c) => c.body(''))
  app.notFound((c) => c.body(null, 404))
  app.onError((_, c) => c.json({error: 'Internal error'}, 500))
  return {
    app,
    async close() {
      await processes.close()
      await served.close()
    },
  }
}
