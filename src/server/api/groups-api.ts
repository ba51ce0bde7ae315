import * as v from 'valibot'
import type {Group} from '../../platform/local-groups.ts'
import {type Api, type ApiApp, type ApiContext, audit, groupNotFound, isOutside, organizationPath, usingGroup} from './api.ts'
import {newName, readBody, refusal} from './api-request.ts'
import {serverVersion} from './database-json.ts'
import {deleteGroup} from './delete-group.ts'
import {isLocation, locations} from './locations.ts'

/** Groups of databases, and the locations that they can have. */
export function groupRoutes(app: ApiApp, api: Api): void {
  const path = `${organizationPath}/groups`
  app.get('/v1/locations', (c) => c.json({locations}))
  app.get(path, async (c) => c.json({groups: await listGroups(api, c)}))
  app.post(path, async (c) => c.json({group: groupJson(await createGroup(api, c))}))
  app.get(`${path}/:group`, async (c) => c.json({group: groupJson(await find(api, c))}))
  app.delete(`${path}/:group`, async (c) => c.json({group: groupJson(await deleteGroup(api, c, await find(api, c)))}))
  app.get(`${path}/:group/configuration`, async (c) => c.json(configurationJson(await find(api, c))))
  app.patch(`${path}/:group/configuration`, async (c) => c.json(configurationJson(await configure(api, c))))
  app.post(`${path}/:group/locations/:location`, async (c) => c.json({group: groupJson(await addLocation(api, c))}))
  app.delete(`${path}/:group/locations/:location`, async (c) => c.json({group: groupJson(await removeLocation(api, c))}))
  app.post(`${path}/:group/transfer`, async (c) => c.json(groupJson(await transfer(api, c))))
  app.post(`${path}/:group/unarchive`, async (c) => {
    const group = await find(api, c)
    await audit(api, c, 'group-unarchive', {group: group.name})
    return c.json({group: groupJson(group)})
  })
  // There is one version only.
  app.post(`${path}/:group/update`, async (c) => c.body(await find(api, c).then(() => null), 200))
}

const find = (api: Api, c: ApiContext): Promise<Group> => usingGroup(api, c, async (group) => group)

const extensions = ['vector', 'crypto', 'fuzzy', 'math', 'stats', 'text', 'unicode', 'uuid', 'regexp', 'vec'] as const

const createInput = v.object({
  name: newName,
  location: v.string(),
  // What libSQL brings with it is there anyway.
  extensions: v.optional(v.union([v.picklist(['all', '']), v.array(v.picklist(extensions))])),
})

async function listGroups(api: Api, c: ApiContext) {
  const groups = await api.databases.usingRegistry((registry) => registry.groups.list())
  return groups.filter(({name}) => !isOutside(c, name)).map(groupJson)
}

async function createGroup(api: Api, c: ApiContext): Promise<Group> {
  const {name, location} = await readBody(c, createInput)
  checkLocation(location)
  const group = await api.databases.usingRegistry(({groups}) => groups.create(name, location))
  if (!group) throw refusal(409, 'group already exists')
  await audit(api, c, 'group-create', {group: name, location})
  return group
}

async function configure(api: Api, c: ApiContext): Promise<Group> {
  const {delete_protection: enabled} = await readBody(c, v.object({delete_protection: v.optional(v.boolean())}))
  const before = await find(api, c)
  if (enabled === undefined || enabled === before.deleteProtection) return before
  const after = await usingGroup(api, c, ({name}, {groups}) => groups.setDeleteProtection(name, enabled))
  if (!after) throw groupNotFound()
  await audit(api, c, enabled ? 'group-protect' : 'group-unprotect', {group: after.name})
  return after
}

async function addLocation(api: Api, c: ApiContext): Promise<Group> {
  const location = checkLocation(c.req.param('location') ?? '')
  const group = await usingGroup(api, c, ({name}, {groups}) => groups.addLocation(name, location))
  if (!group) throw groupNotFound()
  await audit(api, c, 'instance-create', {group: group.name, location})
  return group
}

async function removeLocation(api: Api, c: ApiContext): Promise<Group> {
  const location = checkLocation(c.req.param('location') ?? '')
  const before = await find(api, c)
  if (!before.locations.includes(location)) throw refusal(400, `invalid location: the group is not in ${location}`)
  const group = await usingGroup(api, c, ({name}, {groups}) => groups.removeLocation(name, location))
  if (!group) throw refusal(400, `invalid location: ${location} is the primary location of the group`)
  await audit(api, c, 'instance-delete', {group: group.name, location})
  return group
}

function checkLocation(location: string): string {
  if (isLocation(location)) return location
  throw refusal(400, `invalid location: ${location.slice(0, 64)}`)
}

/** There is no other organization to transfer a group to. */
async function transfer(api: Api, c: ApiContext): Promise<Group> {
  const group = await find(api, c)
  const {organization} = await readBody(c, v.object({organization: v.string()}))
  if (organization !== api.organization) throw refusal(404, 'organization not found')
  return group
}

function groupJson({name, id, locations, primary, deleteProtection}: Group) {
  return {name, version: serverVersion, uuid: id, locations, primary, delete_protection: deleteProtection, archived: false}
}

const configurationJson = ({deleteProtection}: Group) => ({delete_protection: deleteProtection})
