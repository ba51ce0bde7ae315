import {describe, expect} from 'vitest'
import {openApi} from '../../../helpers/platform-api.ts'
import {test} from '../../../helpers/test.ts'

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
})
