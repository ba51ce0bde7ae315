import {describe, expect} from 'vitest'
import {openApi} from '../../../helpers/platform-api.ts'
import {test} from '../../../helpers/test.ts'

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
