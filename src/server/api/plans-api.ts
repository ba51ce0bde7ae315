import * as v from 'valibot'
import type {Organization} from '../../platform/local-organization.ts'
import {type Api, type ApiApp, type ApiContext, audit, organizationPath} from './api.ts'
import {oneOf, readBody} from './api-request.ts'

/** Plans, the one that the organization has, and its invoices, of which there are none. */
export function planRoutes(app: ApiApp, api: Api): void {
  app.get(`${organizationPath}/plans`, (c) => c.json({plans}))
  app.get(`${organizationPath}/subscription`, async (c) => c.json({subscription: await subscription(api)}))
  // As turso-cli changes it: how a client behaves near the quotas of a plan can be tried out.
  app.post(`${organizationPath}/subscription`, async (c) => c.json({subscription: await subscribe(api, c)}))
  app.get(`${organizationPath}/invoices`, (c) => {
    oneOf(c, 'type', ['all', 'upcoming', 'issued'], 'all')
    return c.json({invoices: []})
  })
}

/** A quota that nothing reaches: the documentation has no word for one that is not there. */
const unlimited = Number.MAX_SAFE_INTEGER

const free = {price: '0', prices: [{value: '0', timeline: 'monthly'}]}

/** The local platform's own plan, which the disk alone limits, and the one that Turso begins with. */
const plans = [
  {
    name: 'local',
    ...free,
    quotas: {
      rowsRead: unlimited,
      rowsWritten: unlimited,
      databases: null,
      locations: unlimited,
      storage: unlimited,
      groups: unlimited,
      bytesSynced: unlimited,
    },
  },
  {
    name: 'starter',
    ...free,
    quotas: {rowsRead: 500_000_000, rowsWritten: 10_000_000, databases: 100, locations: 3, storage: 5_000_000_000, groups: 1, bytesSynced: 3_000_000_000},
  },
]

const subscription = async (api: Api) => subscriptionJson(await api.databases.usingRegistry(({organization}) => organization.read()))

const subscriptionInput = v.object({
  plan: v.picklist(plans.map(({name}) => name)),
  timeline: v.optional(v.picklist(['', 'monthly', 'yearly'])),
  overages: v.optional(v.boolean()),
})

async function subscribe(api: Api, c: ApiContext) {
  const {plan, timeline, overages} = await readBody(c, subscriptionInput)
  const changes = {plan, ...(timeline && {timeline}), ...(overages !== undefined && {overages})}
  const organization = await api.databases.usingRegistry((registry) => registry.organization.update(changes))
  await audit(api, c, 'org-plan-update', changes)
  return subscriptionJson(organization)
}

const subscriptionJson = ({plan, timeline, overages}: Organization) => ({name: plan, plan, timeline, overages})
