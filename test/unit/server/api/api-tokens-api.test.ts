import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {type Call, openApi} from '../../../helpers/platform-api.ts'
import {test} from '../../../helpers/test.ts'

const as = (token: string) => ({authorization: `Bearer ${token}`})

describe('an API token', () => {
  test('is accepted by every process until it is revoked, and written down nowhere', async ({folder}) => {
    const [one, other] = [openApi(folder), openApi(folder)]
    const {token, id} = (await one.call('POST /v1/auth/api-tokens/ci')).json
    expect((await other.call('POST databases', {name: 'stage-a'}, as(token))).status).toBe(200)
    expect((await other.call('GET /v1/auth/validate', undefined, as(token))).json).toEqual({exp: -1})
    const file = await readFile(join(one.directory, 'platform.sqlite'), 'latin1')
    expect(file).toContain(id)
    for (const part of token.split('.').slice(1)) expect(file).not.toContain(part)
    expect((await one.call('GET /v1/auth/api-tokens')).text).not.toContain(token)
    expect((await one.call('DELETE /v1/auth/api-tokens/ci')).json).toEqual({token: 'ci'})
    expect((await other.call('GET databases', undefined, as(token))).status).toBe(401)
    expect((await one.call('DELETE /v1/auth/api-tokens/ci')).status).toBe(404)
  })

  test('has a name that no other one has', async ({folder}) => {
    const {call} = openApi(folder)
    await call('POST /v1/auth/api-tokens/ci')
    expect((await call('POST /v1/auth/api-tokens/ci')).status).toBe(409)
    for (const name of ['..%2fci', 'x'.repeat(65), '%00', 'a%20b']) expect((await call(`POST /v1/auth/api-tokens/${name}`)).status).toBe(400)
  })

  test('is told to turso-cli as turso-cli reads it', async ({folder}) => {
    const {token} = (await openApi(folder).call('POST /v2/auth/api-tokens/ci')).json
    expect(token).toEqual({name: 'ci', id: expect.any(String), value: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/)})
  })

  test('of the organization is listed with its owner, and revoked by its id', async ({folder}) => {
    const {call} = openApi(folder)
    const everywhere = (await call('POST /v1/auth/api-tokens/everywhere')).json
    const {id} = (await call('POST /v1/auth/api-tokens/here', {organization: 'local'})).json
    const {tokens} = (await call('GET api-tokens')).json
    expect(tokens).toEqual([{id, name: 'here', organization: 'local', owner: {username: 'local', email: 'local@localhost'}, created_at: expect.any(String)}])
    expect((await call(`DELETE api-tokens/${everywhere.id}`)).status).toBe(404)
    expect((await call(`DELETE api-tokens/${id}`)).json).toEqual({token: id})
    expect((await call('GET api-tokens')).json).toEqual({tokens: []})
  })

  test.for([
    [{organization: 'other'}, 404],
    [{group: 'default', scopes: ['read']}, 400],
    [{organization: 'local', group: 'default'}, 400],
    [{organization: 'local', group: 'gone', scopes: ['read']}, 404],
    [{organization: 'local', scopes: ['read']}, 400],
    [{organization: 'local', group: 'default', scopes: ['db:everything']}, 400],
    [{organization: 'local', group: 'default', scopes: 'read'}, 400],
    [[], 400],
  ] as const)('is not made of %j', async ([body, expected], {folder}) => {
    const {call} = openApi(folder)
    expect((await call('POST /v1/auth/api-tokens/ci', body)).status).toBe(expected)
    expect((await call('GET /v1/auth/api-tokens')).json).toEqual({tokens: []})
  })
})

describe('a group-scoped API token', () => {
  /** One group with a database for the token, one without. */
  const prepare = async (call: Call, scopes: string[]) => {
    await call('POST groups', {name: 'bots', location: 'local'})
    await call('POST databases', {name: 'ours', group: 'bots'})
    await call('POST databases', {name: 'theirs', group: 'default'})
    return as((await call('POST /v1/auth/api-tokens/ci', {organization: 'local', group: 'bots', scopes})).json.token)
  }

  const operations: [scope: string, operation: string, body?: unknown][] = [
    ['read', 'GET databases/ours/usage'],
    ['db:create', 'POST databases', {name: 'made', group: 'bots'}],
    ['db:configure', 'PATCH databases/ours/configuration', {block_reads: false}],
    ['db:mint-token', 'POST databases/ours/auth/tokens'],
    ['db:rotate-creds', 'POST databases/ours/auth/rotate'],
    ['group:configure', 'PATCH groups/bots/configuration', {delete_protection: false}],
    ['group:mint-token', 'POST groups/bots/auth/tokens'],
    ['group:rotate-creds', 'POST groups/bots/auth/rotate'],
    ['db:delete', 'DELETE databases/ours'],
  ]

  test.for(operations)('with %s alone may %s and nothing else', async ([scope], {folder}) => {
    const {call} = openApi(folder)
    const token = await prepare(call, [scope])
    for (const [needed, operation, body] of operations) {
      const {status} = await call(operation, body, token)
      expect([operation, status]).toEqual([operation, needed === scope ? 200 : 403])
    }
  })

  test('with every scope does what is documented for it, in its own group', async ({folder}) => {
    const {call} = openApi(folder)
    const token = await prepare(call, ['full-access'])
    for (const [, operation, body] of operations) expect([operation, (await call(operation, body, token)).status]).toEqual([operation, 200])
    expect((await call('GET databases', undefined, token)).json.databases).toMatchObject([{Name: 'made'}])
    expect((await call('GET groups', undefined, token)).json.groups).toMatchObject([{name: 'bots'}])
    const outside: [operation: string, status: number, body?: unknown][] = [
      ['GET databases/theirs', 404],
      ['DELETE databases/theirs', 404],
      ['POST databases/theirs/auth/tokens', 404],
      ['GET groups/default', 404],
      ['POST groups/default/auth/tokens', 404],
      ['POST databases', 403, {name: 'more', group: 'default'}],
      ['POST databases', 403, {name: 'more'}],
      ['POST databases', 400, {name: 'more', group: 'bots', seed: {type: 'database', name: 'theirs'}}],
      ['POST groups', 403, {name: 'more', location: 'local'}],
      ['DELETE groups/bots', 403],
      ['GET /v1/organizations/local', 403],
      ['GET members', 403],
      ['GET api-tokens', 403],
      ['POST /v1/auth/api-tokens/more', 403],
      ['GET /v2/organizations/local/invites', 403],
    ]
    for (const [operation, status, body] of outside) expect([operation, (await call(operation, body, token)).status]).toEqual([operation, status])
    expect((await call('GET /v1/auth/validate', undefined, token)).status).toBe(200)
  })

  test('goes with its group, and is not one of the next group of that name', async ({folder}) => {
    const {call} = openApi(folder)
    const token = await prepare(call, ['read'])
    await call('DELETE groups/bots')
    await call('POST groups', {name: 'bots', location: 'local'})
    expect((await call('GET databases', undefined, token)).status).toBe(401)
  })
})
