import * as v from 'valibot'
import {type Api, type ApiApp, type ApiContext, organizationPath} from './api.ts'
import {readBody, refusal} from './api-request.ts'
import {emailOf} from './email.ts'
import {memberRoles} from './members-api.ts'

/** Invites to the organization, which nobody ever gets. */
export function inviteRoutes(app: ApiApp, api: Api): void {
  const path = organizationPath.replace('v1', 'v2')
  app.get(`${path}/invites`, async (c) => c.json({invites: await listInvites(api)}))
  app.post(`${path}/invites`, async (c) => c.json({invited: await invite(api, c)}))
  app.delete(`${path}/invites/:email`, async (c) => {
    const email = c.req.param('email')
    if (!(await api.databases.usingRegistry(({invites}) => invites.remove(email)))) throw refusal(404, 'invite not found')
    return c.body(null, 200)
  })
}

async function listInvites(api: Api) {
  const invites = await api.databases.usingRegistry((registry) => registry.invites.list())
  return invites.map(({id, email, role, createdAt}) => ({id, email, role, created_at: createdAt}))
}

const inviteInput = v.pipe(
  v.object({
    email: v.optional(v.pipe(v.string(), v.maxLength(254, 'is too long'), v.regex(/^[^\s@]+@[^\s@]+$/, 'must be an address'))),
    username: v.optional(v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/, 'must be a username'))),
    role: v.optional(v.picklist(memberRoles), 'member'),
  }),
  v.check(({email, username}) => (email === undefined) !== (username === undefined), 'must have exactly one of email and username'),
)

/** Replaces an earlier invite to the same address. */
async function invite(api: Api, c: ApiContext) {
  const {email: address, username = '', role} = await readBody(c, inviteInput)
  const email = address ?? emailOf(username)
  await api.databases.usingRegistry(({invites}) => invites.add(email, role))
  return {email, role, organization: api.organization}
}
