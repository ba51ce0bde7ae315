import type {Context, Hono} from 'hono'
import {isDatabaseName} from '../../platform/database-name.ts'
import type {AuditCode} from '../../platform/local-audit-log.ts'
import type {LocalDatabases} from '../../platform/local-databases.ts'
import type {RegistryEntry} from '../../platform/local-entry.ts'
import type {Group} from '../../platform/local-groups.ts'
import type {Registry} from '../../platform/local-registry.ts'
import type {Serially} from '../../serially.ts'
import {refusal} from './api-request.ts'

/** What a group-scoped API token is held to; null for every other token. */
export type Restriction = {group: string; scopes: string[]} | null

export type ApiEnv = {Variables: {restriction: Restriction; isStrict: boolean}}
export type ApiApp = Hono<ApiEnv>
export type ApiContext = Context<ApiEnv>

/** What the operations of the Platform API work with. */
export type Api = {
  /** The group of new databases that name none. */
  group: string
  organization: string
  isCloud: boolean
  host: () => string
  databases: LocalDatabases
  /** Creations and deletions of one name wait for each other. */
  serially: Serially
}

/** Where the operations of one organization are. */
export const organizationPath = '/v1/organizations/:organization'

/** Lends the database that the path names; 404 where there is none, also for a token of another group. */
export async function usingDatabase<T>(api: Api, c: ApiContext, use: (entry: RegistryEntry, registry: Registry) => Promise<T>): Promise<T> {
  const name = c.req.param('database') ?? ''
  if (!isDatabaseName(name) || !(await api.databases.exists(name))) throw databaseNotFound(name)
  return api.databases.using(name, (entry, registry) => {
    if (isOutside(c, entry.group)) throw databaseNotFound(name)
    return use(entry, registry)
  })
}

/** Lends the group that the path names; 404 where there is none, also for a token of another group. */
export function usingGroup<T>(api: Api, c: ApiContext, use: (group: Group, registry: Registry) => Promise<T>): Promise<T> {
  const name = c.req.param('group') ?? ''
  return api.databases.usingRegistry(async (registry) => {
    const group = isOutside(c, name) ? undefined : await registry.groups.find(name)
    if (!group) throw groupNotFound()
    return use(group, registry)
  })
}

/** Whether the caller's token is restricted to another group. */
export function isOutside(c: ApiContext, group: string): boolean {
  const restriction = c.get('restriction')
  return restriction !== null && restriction.group !== group
}

export const groupNotFound = () => refusal(404, 'group not found')

const databaseNotFound = (name: string) => refusal(404, `could not find database with name ${name.slice(0, 64)}: record not found`)

/** Writes down what was done, once it is done. */
export async function audit(api: Api, c: ApiContext, code: AuditCode, data: Record<string, unknown>): Promise<void> {
  const origin = /cli/i.test(c.req.header('user-agent') ?? '') ? 'cli' : 'web'
  const entry = {code, message: '', origin, author: api.organization, createdAt: new Date().toISOString(), data} as const
  await api.databases.usingRegistry((registry) => registry.auditLog.add(entry))
}
