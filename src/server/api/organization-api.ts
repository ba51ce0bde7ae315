import * as v from 'valibot'
import type {Organization} from '../../platform/local-organization.ts'
import {type Api, type ApiApp, type ApiContext, audit, organizationPath} from './api.ts'
import {readBody, refusal} from './api-request.ts'
import {emailOf} from './email.ts'

/** The one organization and its owner. */
export function organizationRoutes(app: ApiApp, api: Api): void {
  const read = () => api.databases.usingRegistry(({organization}) => organization.read())
  const json = async () => organizationJson(api, await read())
  app.get('/v1/organizations', async (c) => c.json([await json()]))
  // As turso-cli asks for it.
  app.get('/v2/organizations', async (c) => c.json({organizations: [await json()]}))
  app.get(organizationPath, async (c) => c.json({organization: await json()}))
  app.patch(organizationPath, async (c) => c.json({organization: organizationJson(api, await update(api, c))}))
  app.delete(organizationPath, () => {
    throw refusal(403, 'the organization of a local platform cannot be deleted')
  })
  app.get('/v1/user', async (c) => c.json({user: userJson(api, await read(), await hasInvites(api))}))
}

async function update(api: Api, c: ApiContext): Promise<Organization> {
  const {overages, require_mfa: requireMfa} = await readBody(c, v.object({overages: v.optional(v.boolean()), require_mfa: v.optional(v.boolean())}))
  const changes = {...(overages !== undefined && {overages}), ...(requireMfa !== undefined && {requireMfa})}
  const organization = await api.databases.usingRegistry((registry) => registry.organization.update(changes))
  if (overages !== undefined) await audit(api, c, 'org-set-overages', {overages})
  return organization
}

const hasInvites = (api: Api) => api.databases.usingRegistry(async ({invites}) => (await invites.list()).some(({email}) => email === emailOf(api.organization)))

function organizationJson({organization: slug}: Api, {overages, requireMfa, plan, timeline}: Organization) {
  return {
    name: slug,
    slug,
    type: 'personal',
    overages,
    require_mfa: requireMfa,
    blocked_reads: false,
    blocked_writes: false,
    plan_id: plan,
    plan_timeline: timeline,
    platform: '',
  }
}

/** As on Turso, the slug of a personal organization is its owner's username. */
function userJson({organization: username}: Api, {plan}: Organization, has_pending_invites: boolean) {
  return {username, name: username, email: emailOf(username), avatarUrl: '', plan, mfa: false, has_pending_invites}
}
