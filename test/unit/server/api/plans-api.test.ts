import {expect} from 'vitest'
import {openApi} from '../../../helpers/platform-api.ts'
import {test} from '../../../helpers/test.ts'

test('an organization has the plan without limits, and can take that of Turso', async ({folder}) => {
  const {call} = openApi(folder)
  expect((await call('GET subscription')).json.subscription).toMatchObject({plan: 'local', timeline: 'monthly', overages: false})
  expect((await call('POST subscription', {plan: 'starter'})).json.subscription.plan).toBe('starter')
  expect((await call('GET /v1/user')).json.user.plan).toBe('starter')
  const quotas = Object.fromEntries((await call('GET plans')).json.plans.map((plan: {name: string; quotas: object}) => [plan.name, plan.quotas]))
  expect(quotas).toMatchObject({local: {databases: null}, starter: {databases: 100, storage: 5e9, rowsRead: 500e6, rowsWritten: 10e6}})
  expect((await call('POST subscription', {plan: 'enterprise'})).status).toBe(400)
  expect((await call('GET invoices?type=all')).json).toEqual({invoices: []})
  expect((await call('GET invoices?type=paid')).status).toBe(400)
})
