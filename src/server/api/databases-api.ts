import * as v from 'valibot'
import {isDatabaseName} from '../../platform/database-name.ts'
import type {RegistryEntry} from '../../platform/local-entry.ts'
import {forkDatabaseFile} from '../../platform/local-fork.ts'
import {type Api, type ApiApp, type ApiContext, audit, isOutside, organizationPath, usingDatabase} from './api.ts'
import {newName, readBody, refusal, wholeNumber} from './api-request.ts'
import {databaseJson, hostnameOf} from './database-json.ts'
import {readSizeLimit} from './size-limit.ts'

/** Databases: list, create, fork, get, delete. */
export function databaseRoutes(app: ApiApp, api: Api): void {
  app.get(`${organizationPath}/databases`, async (c) => c.json(await listDatabases(api, c)))
  app.post(`${organizationPath}/databases`, async (c) => c.json({database: await createDatabase(api, c)}))
  app.get(`${organizationPath}/databases/:database`, async (c) =>
    c.json({
      database: await usingDatabase(api, c, async (entry, {groups}) => databaseJson(api, entry, (await groups.find(entry.group)) ?? nowhere)),
    }),
  )
  app.delete(`${organizationPath}/databases/:database`, async (c) => c.json({database: await deleteDatabase(api, c)}))
  // There is one version only.
  app.post(`${organizationPath}/databases/:database/update`, async (c) => c.json(await usingDatabase(api, c, async () => ({}))))
}

/** Of a group that somebody else has deleted this instant. */
const nowhere = {primary: '', locations: []}

/** As turso-cli pages: `limit` and `cursor`, and `pagination.next` while there is more; at most 1000 at once, also where no limit is given. */
async function listDatabases(api: Api, c: ApiContext) {
  const limit = wholeNumber(c, 'limit', {fallback: 1000, max: 1000})
  const after = readCursor(c.req.query('cursor'))
  const {group, schema, parent, type} = c.req.query()
  const isWanted = (entry: RegistryEntry) =>
    (!group || entry.group === group) &&
    (!schema || entry.schema === schema) &&
    (!parent || entry.parent?.id === parent) &&
    (!type || type === (entry.isSchema ? 'schema' : 'logical')) &&
    !isOutside(c, entry.group)
  const wanted = (await api.databases.list()).filter((entry) => isWanted(entry) && entry.name > after)
  const page = wanted.slice(0, limit)
  const groups = new Map((await api.databases.usingRegistry((registry) => registry.groups.list())).map((each) => [each.name, each]))
  return {
    databases: page.map((entry) => databaseJson(api, entry, groups.get(entry.group) ?? nowhere)),
    pagination: {next: wanted.length > limit ? Buffer.from(page.at(-1)?.name ?? '').toString('base64url') : null},
  }
}

/** The name that the page before ended with. */
function readCursor(cursor = ''): string {
  const name = Buffer.from(cursor, 'base64url').toString()
  if (cursor !== '' && !isDatabaseName(name)) throw refusal(400, 'invalid cursor parameter')
  return name
}

const createInput = v.object({
  name: newName,
  group: v.optional(v.string()),
  seed: v.optional(v.looseObject({type: v.string(), name: v.nullish(v.string()), value: v.nullish(v.string())})),
  size_limit: v.optional(v.string()),
  is_schema: v.optional(v.boolean()),
  schema: v.optional(v.string()),
  remote_encryption: v.optional(v.unknown()),
})

async function createDatabase(api: Api, c: ApiContext) {
  const {name, seed, ...input} = await readBody(c, createInput)
  const group = input.group || api.group
  if (isOutside(c, group)) throw refusal(403, 'the API token is for another group')
  if (input.remote_encryption) throw refusal(400, 'the local platform cannot encrypt databases')
  const sizeLimit = input.size_limit ? readSizeLimit(api, input.size_limit) : null
  return api.serially(name, async () => {
    if (!(await api.databases.usingRegistry(({groups}) => groups.find(group)))) throw refusal(400, 'group not found')
    const schema = await readSchema(api, input)
    const parent = seed ? await readSeed(api, c, seed) : null
    const makeFile = parent ? (path: string) => forkDatabaseFile(api.databases.pathOf(parent.name), path) : undefined
    const {entry, created} = await api.databases.create(name, {group, sizeLimit, schema, isSchema: input.is_schema ?? false, parent}, makeFile)
    if (!created) throw refusal(400, 'database with same name already exists')
    await audit(api, c, 'db-create', {database: name, group})
    return {DbId: entry.id, Hostname: hostnameOf(api, name), Name: name}
  })
}

async function readSchema(api: Api, {schema, is_schema}: Pick<v.InferOutput<typeof createInput>, 'schema' | 'is_schema'>): Promise<string | null> {
  if (!schema) return null
  if (is_schema) throw refusal(400, 'is_schema and schema cannot both be given')
  const parent = await find(api, schema)
  if (!parent?.isSchema) throw refusal(400, 'schema database not found')
  return schema
}

/** The database to fork: `seed.name` in the documentation, `seed.value` in turso-cli. */
async function readSeed(api: Api, c: ApiContext, seed: NonNullable<v.InferOutput<typeof createInput>['seed']>) {
  if (seed.type !== 'database') throw refusal(400, 'invalid seed type: the local platform forks databases only (database)')
  if (seed['timestamp']) throw refusal(400, 'invalid seed timestamp: the local platform keeps no history, leave it out to fork the database as it is now')
  const source = await find(api, seed.name || seed.value || '')
  if (!source || isOutside(c, source.group)) throw refusal(400, 'seed database not found')
  return {id: source.id, name: source.name}
}

const find = async (api: Api, name: string): Promise<RegistryEntry | undefined> =>
  isDatabaseName(name) && (await api.databases.exists(name)) ? api.databases.using(name, async (entry) => entry) : undefined

async function deleteDatabase(api: Api, c: ApiContext): Promise<string> {
  return api.serially(c.req.param('database') ?? '', async () => {
    const {name, id, group} = await usingDatabase(api, c, async (entry) => entry)
    await api.databases.delete(name, id)
    await audit(api, c, 'db-delete', {database: name, group})
    return name
  })
}
