import {describe, expect} from 'vitest'
import {openApi} from '../../helpers/platform-api.ts'
import {test} from '../../helpers/test.ts'

describe('the organization', () => {
  test('is the only one, in the documented list and in that of turso-cli', async ({folder}) => {
    const {call} = openApi(folder)
    const {organization} = (await call('GET /v1/organizations/local')).json
    expect(organization).toMatchObject({slug: 'local', type: 'personal', overages: false, plan_id: 'local'})
    expect((await call('GET /v1/organizations')).json).toEqual([organization])
    expect((await call('GET /v2/organizations')).json).toEqual({organizations: [organization]})
    expect((await call('DELETE /v1/organizations/local')).status).toBe(403)
  })

  test('keeps what it is set to', async ({folder}) => {
    await openApi(folder).call('PATCH /v1/organizations/local', {overages: true})
    await openApi(folder).call('PATCH /v1/organizations/local', {require_mfa: true})
    expect((await openApi(folder).call('GET /v1/organizations/local')).json.organization).toMatchObject({overages: true, require_mfa: true})
    expect((await openApi(folder).call('PATCH /v1/organizations/local', {overages: 'yes'})).status).toBe(400)
  })

  test('has the plan without limits, and can take that of Turso', async ({folder}) => {
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
})

describe('a member', () => {
  test('is added once, changes its role and goes', async ({folder}) => {
    const {call} = openApi(folder)
    expect((await call('POST members', {username: 'asha'})).json).toEqual({member: 'asha', role: 'member'})
    const again = await call('POST members', {username: 'asha'})
    expect([again.status, again.json]).toEqual([409, {error: 'user asha is already a member of organization local'}])
    expect((await call('PATCH members/asha', {role: 'viewer'})).json.member).toEqual({username: 'asha', role: 'viewer', email: 'asha@localhost'})
    expect((await call('GET members')).json.members.map(({username}: {username: string}) => username)).toEqual(['local', 'asha'])
    expect((await call('DELETE members/asha')).json).toEqual({member: 'asha'})
    expect((await call('GET members/asha')).json).toEqual({error: 'could not find member'})
  })

  test.for([
    ['POST members', 400, {}],
    ['POST members', 400, {username: 'asha', role: 'owner'}],
    ['POST members', 404, {username: '../asha'}],
    ['POST members', 409, {username: 'local'}],
    ['PATCH members/asha', 400, {role: 'owner'}],
    ['PATCH members/asha', 400, {}],
    ['PATCH members/asha', 404, {role: 'admin'}],
    ['PATCH members/local', 403, {role: 'admin'}],
    ['DELETE members/asha', 404],
    ['DELETE members/local', 403],
  ] as const)('%s is refused with %i for %j', async ([operation, expected, body], {folder}) => {
    const {status, json} = await openApi(folder).call(operation, body)
    expect({status, json}).toEqual({status: expected, json: {error: expect.any(String)}})
  })
})

describe('an invite', () => {
  test('replaces an earlier one to the same address, and can be taken back', async ({folder}) => {
    const {call} = openApi(folder)
    const path = '/v2/organizations/local/invites'
    await call(`POST ${path}`, {email: 'asha@example.com', role: 'viewer'})
    const {invited} = (await call(`POST ${path}`, {email: 'asha@example.com', role: 'admin'})).json
    expect(invited).toEqual({email: 'asha@example.com', role: 'admin', organization: 'local'})
    await call(`POST ${path}`, {username: 'iku'})
    expect((await call(`GET ${path}`)).json.invites).toMatchObject([
      {email: 'asha@example.com', role: 'admin'},
      {email: 'iku@localhost', role: 'member'},
    ])
    const taken = await call(`DELETE ${path}/asha%40example.com`)
    expect([taken.status, taken.text]).toEqual([200, ''])
    expect((await call(`DELETE ${path}/asha%40example.com`)).json).toEqual({error: 'invite not found'})
  })

  test.for([{}, {email: 'a@b', username: 'a'}, {email: 'nobody'}, {username: '../a'}, {email: 'a@b', role: 'owner'}])(
    'is not sent to %j',
    async (body, {folder}) => {
      expect((await openApi(folder).call('POST /v2/organizations/local/invites', body)).status).toBe(400)
    },
  )
})

describe('the audit log', () => {
  test('tells what was done, the newest first, by pages', async ({folder}) => {
    const {call} = openApi(folder)
    await call('POST databases', {name: 'stage-a'}, {'user-agent': 'turso-cli/v1.0.15'})
    await call('PATCH databases/stage-a/configuration', {delete_protection: true})
    await call('PATCH databases/stage-a/configuration', {delete_protection: true})
    await call('DELETE databases/stage-a')
    await call('PATCH databases/stage-a/configuration', {delete_protection: false})
    await call('POST databases/stage-a/auth/tokens')
    await call('DELETE databases/stage-a')
    const codes = ['db-delete', 'db-token-create', 'db-unprotect', 'db-protect', 'db-create']
    const {audit_logs, pagination} = (await call('GET audit-logs')).json
    expect(audit_logs.map(({code}: {code: string}) => code)).toEqual(codes)
    expect(pagination).toEqual({page: 1, page_size: 100, total_pages: 1, total_rows: 5})
    expect(audit_logs.at(-1)).toMatchObject({origin: 'cli', author: 'local', data: {database: 'stage-a', group: 'default'}})
    expect(audit_logs.at(0)).toMatchObject({origin: 'web'})
    const second = (await call('GET audit-logs?page=2&page_size=2')).json
    expect(second.audit_logs.map(({code}: {code: string}) => code)).toEqual(codes.slice(2, 4))
    expect(second.pagination).toEqual({page: 2, page_size: 2, total_pages: 3, total_rows: 5})
    expect((await call('GET audit-logs?page=9')).json.audit_logs).toEqual([])
    expect((await call('GET audit-logs?page=0')).status).toBe(400)
  })

  test('holds no token', async ({folder}) => {
    const {call} = openApi(folder)
    await call('POST databases', {name: 'stage-a'})
    const secrets = [
      (await call('POST databases/stage-a/auth/tokens')).json.jwt,
      (await call('POST groups/default/auth/tokens')).json.jwt,
      (await call('POST /v1/auth/api-tokens/ci')).json.token,
    ]
    const {text} = await call('GET audit-logs')
    expect(text).toContain('user-token-create')
    for (const secret of secrets) expect(text).not.toContain(secret)
  })
})
