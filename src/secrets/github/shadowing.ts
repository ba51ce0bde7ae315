import {StratError} from '../../errors.ts'
import type {GithubApi} from './api.ts'
import {answerInvalid} from './github-errors.ts'
import {environmentPath, type Scope} from './scope.ts'
import {listSecrets} from './secrets.ts'

/** A place whose secrets a bot gets in the place of those of a wider one. */
type NarrowerPlace = {title: string; names: Set<string>}

/** Finds the secrets that would hide those of a wider scope. What is in the narrower ones is asked for once. */
export function shadowingFinder(api: GithubApi): (scope: Scope, names: readonly string[]) => Promise<void> {
  const asked = new Map<Scope['kind'], Promise<NarrowerPlace[]>>()
  return async ({kind}, names) => {
    if (kind === 'environment') return
    const places = asked.get(kind) ?? placesBelow(api, kind)
    asked.set(kind, places)
    for (const place of await places) {
      const name = names.find((each) => place.names.has(each))
      if (name !== undefined) throw shadowed(place.title, name)
    }
  }
}

async function placesBelow(api: GithubApi, kind: 'repository' | 'organization'): Promise<NarrowerPlace[]> {
  const {repository} = api
  const environments = (await listEnvironments(api)).map((name) => ({title: `environment ${name} of ${repository}`, path: environmentPath(repository, name)}))
  const above = kind === 'organization' ? [{title: `repository ${repository}`, path: `/repos/${repository}/actions`}] : []
  return Promise.all([...above, ...environments].map(async ({title, path}) => ({title, names: new Set((await listSecrets(api, `${path}/secrets`)).keys())})))
}

async function listEnvironments({send, repository, host}: GithubApi): Promise<string[]> {
  const names: string[] = []
  for (let page = 1; ; page++) {
    const {data} = await send(`GET /repos/${repository}/environments?per_page=100&page=${page}`)
    const {total_count: total, environments = []} = (data ?? {}) as {total_count?: unknown; environments?: {name: string}[]}
    if (typeof total !== 'number') throw answerInvalid(host)
    names.push(...environments.map(({name}) => name))
    if (names.length >= total || environments.length === 0) return names
  }
}

const shadowed = (title: string, name: string) =>
  new StratError('SECRET_SHADOWED', `The ${title} has a secret ${name} too, and its jobs would get that one.`, {
    suggestions: [`Delete ${name} there.`, 'Or let tokens.secretScope be environment, the narrowest there is.'],
  })
