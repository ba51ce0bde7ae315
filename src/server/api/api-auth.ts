import {createHash, timingSafeEqual} from 'node:crypto'
import type {LocalDatabases} from '../../platform/local-databases.ts'
import type {ApiContext, Restriction} from './api.ts'
import {refusal} from './api-request.ts'

/** What group-scoped API tokens can be allowed, in Turso's words. */
export const apiTokenScopes = [
  'read',
  'db:create',
  'db:delete',
  'db:configure',
  'db:mint-token',
  'db:rotate-creds',
  'group:configure',
  'group:mint-token',
  'group:rotate-creds',
] as const

type Scope = (typeof apiTokenScopes)[number]

/** The SHA-256 of an API token's value, in hex: all that is kept of it. */
export const sha256 = (value: string) => createHash('sha256').update(value).digest('hex')

/** Finds out what the caller's token allows; 401 for any but `apiToken` and those that were created through the API. */
export async function authenticate(c: ApiContext, apiToken: string, databases: LocalDatabases): Promise<Restriction> {
  const [, token = ''] = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '') ?? []
  if (token === '') throw unauthorized()
  const hash = sha256(token)
  // Of equal length and without a pattern: how long this takes tells nothing about the token.
  if (timingSafeEqual(Buffer.from(hash), Buffer.from(sha256(apiToken)))) return null
  const created = databases.isPrepared() ? await databases.usingRegistry(({apiTokens}) => apiTokens.findBySha256(hash)) : undefined
  if (!created) throw unauthorized()
  return created.group === null ? null : {group: created.group, scopes: created.scopes ?? []}
}

const unauthorized = () => refusal(401, 'Unauthorized: the API token is missing, wrong or revoked')

/** What a group-scoped token needs for an operation; one that is not here is not for such tokens. */
const needed: [method: string, path: RegExp, scope: Scope][] = [
  ['GET', /^\/(databases|groups)(\/.*)?$/, 'read'],
  ['POST', /^\/databases$/, 'db:create'],
  ['DELETE', /^\/databases\/[^/]+$/, 'db:delete'],
  ['PATCH', /^\/databases\/[^/]+\/configuration$/, 'db:configure'],
  ['POST', /^\/databases\/[^/]+\/auth\/tokens$/, 'db:mint-token'],
  ['POST', /^\/databases\/[^/]+\/auth\/rotate$/, 'db:rotate-creds'],
  ['PATCH', /^\/groups\/[^/]+\/configuration$/, 'group:configure'],
  ['POST', /^\/groups\/[^/]+\/auth\/tokens$/, 'group:mint-token'],
  ['POST', /^\/groups\/[^/]+\/auth\/rotate$/, 'group:rotate-creds'],
]

/** Refuses with 403 what the caller's token does not allow. */
export function authorize(c: ApiContext, organization: string): void {
  const restriction = c.get('restriction')
  if (restriction === null || c.req.path === '/v1/auth/validate') return
  const prefix = `/v1/organizations/${organization}/`
  const path = c.req.path.startsWith(prefix) ? c.req.path.slice(prefix.length - 1) : ''
  const scope = needed.find(([method, pattern]) => method === c.req.method && pattern.test(path))?.[2]
  if (scope === undefined) throw refusal(403, 'a group-scoped API token does not allow this')
  if (!restriction.scopes.includes(scope)) throw refusal(403, `the API token lacks the scope ${scope}`)
}
