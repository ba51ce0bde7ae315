import {createClient} from '@tursodatabase/api'
import {decodeJwt} from 'jose'
import {describe, expect} from 'vitest'
import {apiToken, usingApiServer} from '../helpers/platform-api.ts'
import {test} from '../helpers/test.ts'

type TursoClient = ReturnType<typeof createClient>

/** Lends Turso's own SDK, as it is, over a real socket. */
const usingSdk = (folder: string, use: (turso: TursoClient, url: string) => Promise<void>) =>
  usingApiServer(folder, ({url}) => use(createClient({org: 'local', token: apiToken, baseUrl: `${url}/v1/`}), url))

describe('@tursodatabase/api', () => {
  test('looks after databases', ({folder}) =>
    usingSdk(folder, async ({databases}, url) => {
      const host = url.replace('http://', '')
      const created = await databases.create('stage-a', {group: 'default', size_limit: '1gb'})
      expect(created).toEqual({name: 'stage-a', id: expect.any(String), hostname: `${host}/dev/stage-a`})
      const expected = {
        ...created,
        regions: ['local'],
        primaryRegion: 'local',
        type: 'logical',
        database_type: 'libsql',
        version: expect.stringMatching(/^v/),
        group: 'default',
        sleeping: false,
        archived: false,
        allow_attach: false,
        block_reads: false,
        block_writes: false,
        schema: '',
        is_schema: false,
      }
      expect(await databases.get('stage-a')).toEqual(expected)
      expect(await databases.list({group: 'default'})).toEqual([expected])
      await databases.create('mother', {is_schema: true})
      await databases.create('child', {schema: 'mother'})
      expect((await databases.list({schema: 'mother'})).map(({name}) => name)).toEqual(['child'])
      expect((await databases.list({type: 'schema'})).map(({name}) => name)).toEqual(['mother'])
      await databases.create('a-fork', {seed: {type: 'database', name: 'stage-a'}})
      const [instance] = await databases.listInstances('stage-a')
      expect(instance).toMatchObject({name: 'local', type: 'primary', hostname: created.hostname})
      expect(await databases.getInstance('stage-a', 'local')).toEqual(instance)
      expect((await databases.usage('stage-a', {from: new Date(0), to: new Date()})).usage).toMatchObject({rows_read: 0, rows_written: 0})
      await databases.updateVersion('stage-a')
      expect(await databases.delete('a-fork')).toEqual({database: 'a-fork'})
    }))

  test('mints tokens, and throws after an invalidation that is done', ({folder}) =>
    usingSdk(folder, async ({databases, groups}) => {
      await databases.create('stage-a')
      const {id} = await databases.get('stage-a')
      const readOnly = {expiration: '1d', authorization: 'read-only' as const, permissions: {read_attach: {databases: []}}}
      expect(decodeJwt((await databases.createToken('stage-a', readOnly)).jwt)).toMatchObject({a: 'ro', id, exp: expect.any(Number)})
      expect(decodeJwt((await groups.createToken('default', readOnly)).jwt)).toMatchObject({a: 'ro', gid: expect.any(String)})
      expect(decodeJwt((await databases.createToken('stage-a')).jwt)).not.toHaveProperty('exp')
      await expect(databases.rotateTokens('stage-a')).rejects.toThrow(SyntaxError)
      await expect(groups.rotateTokens('default')).rejects.toThrow(SyntaxError)
    }))

  test('looks after groups and locations', ({folder}) =>
    usingSdk(folder, async ({groups, locations}) => {
      expect(await locations.list()).toContainEqual({code: 'aws-ap-south-1', description: 'AWS AP South (Mumbai)'})
      expect(await groups.create('bots', 'aws-ap-south-1', {extensions: 'all'})).toMatchObject({name: 'bots', primary: 'aws-ap-south-1'})
      expect((await groups.addLocation('bots', 'aws-us-east-1')).locations).toEqual(['aws-ap-south-1', 'aws-us-east-1'])
      expect((await groups.removeLocation('bots', 'aws-us-east-1')).locations).toEqual(['aws-ap-south-1'])
      expect(await groups.get('bots')).toMatchObject({name: 'bots'})
      expect((await groups.list()).map(({name}) => name)).toEqual(['bots', 'default'])
      expect(await groups.delete('bots')).toMatchObject({name: 'bots'})
    }))

  test('looks after the organization and its API tokens', ({folder}) =>
    usingSdk(folder, async ({organizations, apiTokens}) => {
      // It looks for {organizations} where the documentation has an array.
      expect(await organizations.list()).toEqual([])
      expect(await organizations.update({overages: true})).toMatchObject({slug: 'local', overages: true})
      expect(await organizations.addMember('asha', 'admin')).toEqual({member: 'asha', role: 'admin'})
      expect(await organizations.members()).toMatchObject([{username: 'local', role: 'owner'}, {username: 'asha'}])
      expect(await organizations.removeMember('asha')).toEqual({member: 'asha'})
      expect(await organizations.inviteUser('asha@example.com')).toMatchObject({email: 'asha@example.com', role: 'member'})
      expect(await organizations.listInvites()).toMatchObject([{email: 'asha@example.com'}])
      // Done, with an empty answer that it cannot parse.
      await expect(organizations.deleteInvite('asha@example.com')).rejects.toThrow(SyntaxError)
      expect(await organizations.listInvites()).toEqual([])
      expect(await organizations.invoices()).toEqual([])
      await expect(organizations.delete()).rejects.toMatchObject({name: 'TursoClientError', status: 403})
      const {id, token} = await apiTokens.create('ci')
      expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
      expect(await apiTokens.list()).toMatchObject([{id, name: 'ci'}])
      // It takes a token that never expires for an invalid one.
      expect(await apiTokens.validate(token)).toEqual({valid: false, expiry: -1})
      expect(await apiTokens.revoke('ci')).toEqual({token: 'ci'})
    }))

  test('turns every refusal into an error with its status and words', ({folder}) =>
    usingSdk(folder, async (turso, url) => {
      await turso.databases.create('stage-a')
      const refused = [
        [() => turso.databases.create('stage-a'), 400, 'database with same name already exists'],
        [() => turso.databases.get('stage-gone'), 404, 'could not find database with name stage-gone: record not found'],
        [() => turso.groups.get('gone'), 404, 'group not found'],
        [() => turso.groups.create('default', 'local'), 409, 'group already exists'],
        [() => createClient({org: 'local', token: 'wrong', baseUrl: `${url}/v1/`}).databases.list(), 401, expect.stringContaining('Unauthorized')],
        [() => createClient({org: 'other', token: apiToken, baseUrl: `${url}/v1/`}).databases.list(), 404, 'organization not found'],
      ] as const
      for (const [call, status, message] of refused) await expect(call()).rejects.toMatchObject({name: 'TursoClientError', status, message})
    }))
})

test('a request that is cut off in the middle of its body changes nothing, and the server lives on', ({folder}) =>
  usingApiServer(folder, async ({url, call}) => {
    const controller = new AbortController()
    const body = new ReadableStream({
      start(stream) {
        stream.enqueue(new TextEncoder().encode('{"name":"stage-a"'))
        controller.abort()
      },
    })
    const headers = {authorization: `Bearer ${apiToken}`}
    const init = {method: 'POST', headers, body, signal: controller.signal, duplex: 'half'} as const
    await expect(fetch(`${url}/v1/organizations/local/databases`, init)).rejects.toThrow('abort')
    expect((await call('GET databases')).json.databases).toEqual([])
  }))
