import * as v from 'valibot'
import {type Api, type ApiApp, type ApiContext, audit, organizationPath} from './api.ts'
import {readBody, refusal} from './api-request.ts'
import {emailOf} from './email.ts'

/** What a member can be; the owner is none of these, and there is one only. */
export const memberRoles = ['admin', 'member', 'viewer'] as const

/** The organization's members: its owner and those that were added. Every well-formed username is that of an existing user. */
export function memberRoutes(app: ApiApp, api: Api): void {
  const path = `${organizationPath}/members`
  app.get(path, async (c) => {
    const members = await api.databases.usingRegistry((registry) => registry.members.list())
    return c.json({members: [ownerOf(api), ...members]})
  })
  app.post(path, async (c) => c.json(await addMember(api, c)))
  app.get(`${path}/:username`, async (c) => c.json({member: await findMember(api, c)}))
  // As Turso's SDK adds one.
  app.post(`${path}/:username`, async (c) => c.json(await addMember(api, c)))
  app.patch(`${path}/:username`, async (c) => c.json({member: await setRole(api, c)}))
  app.delete(`${path}/:username`, async (c) => c.json({member: await removeMember(api, c)}))
}

const ownerOf = ({organization: username}: Api) => ({username, role: 'owner', email: emailOf(username)})

const addInput = v.object({username: v.optional(v.string()), role: v.optional(v.picklist(memberRoles), 'member')})

async function addMember(api: Api, c: ApiContext) {
  const {role, ...input} = await readBody(c, addInput)
  const username = c.req.param('username') ?? input.username
  if (!username) throw refusal(400, 'invalid request body: username is missing')
  if (!/^[\w.-]{1,64}$/.test(username)) throw userNotFound(username)
  const member = {username, email: emailOf(username), role}
  const added = username === api.organization ? undefined : await api.databases.usingRegistry(({members}) => members.add(member))
  if (!added) throw refusal(409, `user ${username} is already a member of organization ${api.organization}`)
  await audit(api, c, 'org-member-add', {member: username, role})
  return {member: username, role}
}

async function findMember(api: Api, c: ApiContext) {
  const username = c.req.param('username') ?? ''
  if (username === api.organization) return ownerOf(api)
  const member = await api.databases.usingRegistry(({members}) => members.find(username))
  if (!member) throw refusal(404, 'could not find member')
  return member
}

async function setRole(api: Api, c: ApiContext) {
  const username = c.req.param('username') ?? ''
  const {role} = await readBody(c, v.object({role: v.picklist(memberRoles)}))
  if (username === api.organization) throw refusal(403, 'updating the role of the owner is not allowed')
  const member = await api.databases.usingRegistry(({members}) => members.setRole(username, role))
  if (!member) throw userNotFound(username)
  return member
}

async function removeMember(api: Api, c: ApiContext): Promise<string> {
  const username = c.req.param('username') ?? ''
  if (username === api.organization) throw refusal(403, 'the owner cannot be removed')
  const member = await api.databases.usingRegistry(({members}) => members.remove(username))
  if (!member) throw refusal(404, `user ${username.slice(0, 64)} is not a member of org ${api.organization}`)
  await audit(api, c, 'org-member-rm', {member: username})
  return username
}

const userNotFound = (username: string) => refusal(404, `could not find user ${username.slice(0, 64)}`)
