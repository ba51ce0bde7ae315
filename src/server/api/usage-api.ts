import type {RegistryEntry} from '../../platform/local-entry.ts'
import {monthOf, type RowCounts} from '../../platform/local-usage.ts'
import {type Api, type ApiApp, type ApiContext, organizationPath, usingDatabase} from './api.ts'
import {refusal} from './api-request.ts'
import {instanceId} from './database-json.ts'

/** What was used: of one database, of the organization. */
export function usageRoutes(app: ApiApp, api: Api): void {
  const path = `${organizationPath}/databases/:database`
  app.get(`${path}/usage`, async (c) => c.json({database: await databaseUsage(api, c)}))
  // Which statements read how much is not kept: one of the two is how turso-cli asks for it.
  app.get(`${path}/stats`, async (c) => c.json({top_queries: await usingDatabase(api, c, async () => [])}))
  app.get(`${path}/usage/queries`, async (c) => c.json(await usingDatabase(api, c, async () => [])))
  app.get(`${organizationPath}/usage`, async (c) => c.json({organization: await organizationUsage(api)}))
}

/** By whole months, as usage is billed: those that `from` and `to` fall into, this one where they are left out. */
async function databaseUsage(api: Api, c: ApiContext) {
  const [from, to] = [readTime(c, 'from'), readTime(c, 'to')]
  if (from > to) throw refusal(400, 'invalid from parameter: it is later than to')
  return usingDatabase(api, c, async (entry, registry) => {
    const [usage, group] = [await registry.usage(monthOf(from), monthOf(to)), await registry.groups.find(entry.group)]
    return usageJson(entry, group?.primary ?? '', usage.of(entry.id), await api.databases.storageBytes(entry.name))
  })
}

function readTime(c: ApiContext, name: string): Date {
  const text = c.req.query(name)
  const time = text ? new Date(text) : new Date()
  const isTime = !text || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)
  if (!isTime || Number.isNaN(time.getTime())) throw refusal(400, `invalid ${name} parameter: it must be a time like 2026-01-02T15:04:05Z`)
  return time
}

async function organizationUsage(api: Api) {
  const entries = await api.databases.list()
  return api.databases.usingRegistry(async (registry) => {
    const month = monthOf(new Date())
    const [{id: uuid}, usage, groups] = [await registry.organization.read(), await registry.usage(month, month), await registry.groups.list()]
    const primaries = new Map(groups.map(({name, primary}) => [name, primary]))
    const databases = await Promise.all(
      entries.map(async (entry) => usageJson(entry, primaries.get(entry.group) ?? '', usage.of(entry.id), await api.databases.storageBytes(entry.name))),
    )
    const storageBytes = databases.reduce((sum, {total}) => sum + total.storage_bytes, 0)
    const locations = new Set(groups.flatMap((group) => group.locations)).size
    return {uuid, usage: {...countsJson(usage.total, storageBytes), databases: databases.length, locations, groups: groups.length}, databases}
  })
}

/** `total` is the documentation's word, `usage` that of Turso's clients. */
function usageJson({id}: RegistryEntry, location: string, counts: RowCounts, storageBytes: number) {
  const total = countsJson(counts, storageBytes)
  return {uuid: id, instances: [{uuid: instanceId(id, location), usage: total}], total, usage: total}
}

const countsJson = ({rowsRead, rowsWritten}: RowCounts, storageBytes: number) => ({
  rows_read: rowsRead,
  rows_written: rowsWritten,
  storage_bytes: storageBytes,
  bytes_synced: 0,
})
