import {createPublicKey} from 'node:crypto'
import {join} from 'node:path'
import {jwtVerify} from 'jose'
import {describe, expect} from 'vitest'
import {usingRegistry} from '../../../../src/platform/local-registry.ts'
import {openApi} from '../../../helpers/platform-api.ts'
import {test} from '../../../helpers/test.ts'

const access = (folder: string, name: string) => usingRegistry(join(folder, '.strat/platform.sqlite'), (registry) => registry.access(name))

/** The claims, if the token was signed with that key. */
const verify = async (jwt: string, key = '') => (await jwtVerify(jwt, createPublicKey(key))).payload

describe('a database token', () => {
  test('is signed with the key of its database and never expires, unless it is said', async ({folder}) => {
    const {call} = openApi(folder)
    const {DbId} = (await call('POST databases', {name: 'stage-a'})).json.database
    const key = (await access(folder, 'stage-a'))?.signingKey
    for (const query of ['', '?expiration=never', '?expiration=none', '?expiration=default', '?expiration=&authorization=full-access']) {
      const claims = await verify((await call(`POST databases/stage-a/auth/tokens${query}`)).json.jwt, key)
      expect(claims).toEqual({a: 'rw', id: DbId, iat: expect.any(Number), rid: expect.any(String)})
    }
  })

  test('expires when it is said, and may be read-only', async ({folder}) => {
    const {call} = openApi(folder)
    await call('POST databases', {name: 'stage-a'})
    const {jwt} = (await call('POST databases/stage-a/auth/tokens?expiration=2w1d3h30m&authorization=read-only')).json
    const {a, iat = 0, exp} = await verify(jwt, (await access(folder, 'stage-a'))?.signingKey)
    expect({a, exp}).toEqual({a: 'ro', exp: iat + 15 * 86_400 + 3 * 3_600 + 30 * 60})
  })

  test('carries fine-grained permissions', async ({folder}) => {
    const {call} = openApi(folder)
    await call('POST databases', {name: 'stage-a'})
    const fine_grained_permissions = [
      {t: null, a: ['data_read']},
      {t: ['trade_logs'], a: ['data_add', 'data_update']},
    ]
    const {jwt} = (await call('POST databases/stage-a/auth/tokens', {permissions: {read_attach: {databases: []}}, fine_grained_permissions})).json
    expect((await verify(jwt, (await access(folder, 'stage-a'))?.signingKey))['perm']).toEqual(fine_grained_permissions)
  })

  test.for([
    ['?expiration=1y', {}],
    ['?expiration=0d', {}],
    ['?expiration=1d%20bogus', {}],
    ['?expiration=-1d', {}],
    ['?expiration=999999999w', {}],
    ['?authorization=admin', {}],
    ['', {fine_grained_permissions: [{t: ['trade_logs'], a: ['data_insert']}]}],
    ['', {fine_grained_permissions: [{t: [], a: ['data_read']}]}],
    ['', {fine_grained_permissions: [{t: ['trade_logs'], a: []}]}],
    ['', {fine_grained_permissions: {t: null, a: ['data_read']}}],
    ['', {permissions: []}],
    ['', {permissions: {read_attach: {databases: [1]}}}],
  ] as const)('is not minted with %s %j', async ([query, body], {folder}) => {
    const {call} = openApi(folder)
    await call('POST databases', {name: 'stage-a'})
    for (const path of ['databases/stage-a', 'groups/default']) {
      const {status, json} = await call(`POST ${path}/auth/tokens${query}`, body)
      expect({status, json}).toEqual({status: 400, json: {error: expect.stringMatching(/^invalid/i)}})
    }
  })
})

describe('a group token', () => {
  test('is signed with the key of the group', async ({folder}) => {
    const {call} = openApi(folder)
    await call('POST databases', {name: 'stage-a'})
    const {uuid} = (await call('GET groups/default')).json.group
    const {jwt} = (await call('POST groups/default/auth/tokens?authorization=read-only')).json
    const keys = await access(folder, 'stage-a')
    expect(await verify(jwt, keys?.groupSigningKey)).toMatchObject({a: 'ro', gid: uuid})
    expect(keys?.groupId).toBe(uuid)
    await expect(verify(jwt, keys?.signingKey)).rejects.toThrow('signature verification failed')
  })
})

describe('invalidation', () => {
  test('of a database answers nothing, and changes its key alone', async ({folder}) => {
    const {call} = openApi(folder)
    for (const name of ['stage-a', 'stage-b']) await call('POST databases', {name})
    const before = {a: await access(folder, 'stage-a'), b: await access(folder, 'stage-b')}
    const {status, text} = await call('POST databases/stage-a/auth/rotate')
    expect({status, text}).toEqual({status: 200, text: ''})
    const after = await access(folder, 'stage-a')
    expect(after?.signingKey).not.toBe(before.a?.signingKey)
    expect(after?.groupSigningKey).toBe(before.a?.groupSigningKey)
    expect(await access(folder, 'stage-b')).toEqual(before.b)
  })

  test('of a group changes its key and those of its databases, and no other', async ({folder}) => {
    const {call} = openApi(folder)
    await call('POST groups', {name: 'bots', location: 'local'})
    for (const [name, group] of [
      ['in-1', 'bots'],
      ['in-2', 'bots'],
      ['out', 'default'],
    ])
      await call('POST databases', {name, group})
    const names = ['in-1', 'in-2', 'out'] as const
    const keysOf = () => Promise.all(names.map((name) => access(folder, name)))
    const before = await keysOf()
    const {status, text} = await call('POST groups/bots/auth/rotate')
    expect({status, text}).toEqual({status: 200, text: ''})
    const after = await keysOf()
    expect(after.map((keys, index) => keys?.signingKey === before[index]?.signingKey)).toEqual([false, false, true])
    expect(after.map((keys, index) => keys?.groupSigningKey === before[index]?.groupSigningKey)).toEqual([false, false, true])
    expect(after[0]?.signingKey).not.toBe(after[1]?.signingKey)
  })
})
