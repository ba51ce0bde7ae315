import {describe, expect} from 'vitest'
import {openApi} from '../../../helpers/platform-api.ts'
import {test} from '../../../helpers/test.ts'

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
