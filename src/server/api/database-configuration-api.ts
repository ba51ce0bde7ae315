import {isIP} from 'node:net'
import * as v from 'valibot'
import type {RegistryEntry} from '../../platform/local-entry.ts'
import {type Api, type ApiApp, type ApiContext, audit, organizationPath, usingDatabase} from './api.ts'
import {readBody, refusal} from './api-request.ts'
import {instancesJson} from './database-json.ts'
import {readSizeLimit, sizeLimitJson} from './size-limit.ts'

/** What a database is set to, and where it runs. */
export function databaseConfigurationRoutes(app: ApiApp, api: Api): void {
  const path = `${organizationPath}/databases/:database`
  app.get(`${path}/configuration`, async (c) => c.json(await usingDatabase(api, c, async (entry) => configurationJson(entry))))
  app.patch(`${path}/configuration`, async (c) => c.json(configurationJson(await configure(api, c))))
  app.get(`${path}/instances`, async (c) => c.json({instances: await listInstances(api, c)}))
  app.get(`${path}/instances/:instance`, async (c) => {
    const instance = (await listInstances(api, c)).find(({name}) => name === c.req.param('instance'))
    if (!instance) throw refusal(404, 'instance not found')
    return c.json({instance})
  })
}

const configurationInput = v.object({
  size_limit: v.optional(v.string()),
  allow_attach: v.optional(v.boolean()),
  block_reads: v.optional(v.boolean()),
  block_writes: v.optional(v.boolean()),
  delete_protection: v.optional(v.boolean()),
  allowed_ips: v.optional(v.array(v.pipe(v.string(), v.check(isAddressRange, 'must be an IP address or a CIDR block')))),
  allowed_aws_vpc_ids: v.optional(v.array(v.pipe(v.string(), v.regex(/^vpce-[0-9a-f]{1,64}$/, 'must be the id of a VPC endpoint (vpce-…)')))),
})

/** What is left out stays as it is. */
async function configure(api: Api, c: ApiContext): Promise<RegistryEntry> {
  const input = await readBody(c, configurationInput)
  const changes = {
    allowAttach: input.allow_attach,
    blockReads: input.block_reads,
    blockWrites: input.block_writes,
    deleteProtection: input.delete_protection,
    allowedIps: input.allowed_ips,
    allowedAwsVpcIds: input.allowed_aws_vpc_ids,
    sizeLimit: input.size_limit ? readSizeLimit(api, input.size_limit) : undefined,
  }
  const before = await usingDatabase(api, c, async (entry) => entry)
  const after = await usingDatabase(api, c, (entry, registry) => registry.configure(entry.id, changes))
  if (!after) throw refusal(404, 'the database is gone')
  if (before.deleteProtection !== after.deleteProtection) {
    await audit(api, c, after.deleteProtection ? 'db-protect' : 'db-unprotect', {database: after.name, group: after.group})
  }
  return after
}

function configurationJson(entry: RegistryEntry) {
  return {
    size_limit: sizeLimitJson(entry.sizeLimit),
    allow_attach: entry.allowAttach,
    block_reads: entry.blockReads,
    block_writes: entry.blockWrites,
    delete_protection: entry.deleteProtection,
    allowed_ips: entry.allowedIps,
    allowed_aws_vpc_ids: entry.allowedAwsVpcIds,
  }
}

const listInstances = (api: Api, c: ApiContext) =>
  usingDatabase(api, c, async (entry, {groups}) => {
    const group = await groups.find(entry.group)
    return group ? instancesJson(api, entry, group) : []
  })

function isAddressRange(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0 || address.includes('%')) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
}
