import {readdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {localPlatform} from '../../../../src/platform/local.ts'
import {execute, query} from '../../../helpers/database.ts'
import {openApi} from '../../../helpers/platform-api.ts'
import {test} from '../../../helpers/test.ts'

describe('a database', () => {
  test('is one of the local platform, and the other way round', async ({folder}) => {
    const {call, directory} = openApi(folder)
    const platform = localPlatform({directory, group: 'default'})
    const created = (await call('POST databases', {name: 'stage-a', group: 'default'})).json.database
    expect(await platform.getDatabase('stage-a')).toMatchObject({id: created.DbId, group: 'default'})
    const {database} = await platform.createDatabase('stage-b')
    expect((await call('GET databases/stage-b')).json.database).toMatchObject({DbId: database.id, Hostname: '127.0.0.1:8080/dev/stage-b'})
    await platform.deleteDatabase(database)
    expect((await call('GET databases/stage-b')).status).toBe(404)
  })

  test('that came by hand is one', async ({folder}) => {
    const {call, directory} = openApi(folder)
    await call('GET groups')
    await execute(join(directory, 'by-hand.db'), 'CREATE TABLE t (x)')
    const [database] = (await call('GET databases')).json.databases
    expect(database).toMatchObject({Name: 'by-hand', group: 'default'})
    expect((await call('GET databases/by-hand')).json.database.DbId).toBe(database.DbId)
  })

  test('has a name that no other one has', async ({folder}) => {
    for (const isCloud of [false, true]) {
      const {call} = openApi(folder, {isCloud})
      await call('POST databases', {name: 'stage-a', group: 'default'})
      const {status, json} = await call('POST databases', {name: 'stage-a', group: 'default'})
      expect({status, json}).toEqual({status: 400, json: {error: 'database with same name already exists'}})
    }
  })

  test.for(['', 'UPPER', 'under_score', '../outside', 'a/b', '.hidden', '-dash', 'x'.repeat(65), 'nul\0', 'ünï', '__proto__', 'x'.repeat(10_000), 1, [], {}])(
    'is not made with the name %j, and nothing is written',
    async (name, {folder}) => {
      const {call} = openApi(folder)
      const {status, json} = await call('POST databases', {name, group: 'default'})
      expect({status, json}).toEqual({status: 400, json: {error: expect.stringMatching(/^invalid request body: name must be/)}})
      expect(await readdir(folder)).toEqual(['.strat'])
      expect((await readdir(join(folder, '.strat'))).sort()).toEqual(['.gitignore', 'platform.sqlite'])
    },
  )

  test.for(['..%2fplatform', '%2e%2e', 'a%00', '..%5c', '%zz', 'platform.sqlite', '__proto__', 'x'.repeat(10_000), '%E2%80%AE', 'stage-a.db'])(
    'is not found under the name %s',
    async (name, {folder}) => {
      const {call} = openApi(folder)
      await call('POST databases', {name: 'stage-a'})
      for (const operation of [
        `GET databases/${name}`,
        `DELETE databases/${name}`,
        `PATCH databases/${name}/configuration`,
        `POST databases/${name}/auth/rotate`,
      ]) {
        const {status, json} = await call(operation)
        expect({status, json}).toEqual({status: 404, json: {error: expect.any(String)}})
      }
      expect((await readdir(join(folder, '.strat'))).sort()).toEqual(['.gitignore', 'platform.sqlite', 'stage-a.db'])
    },
  )

  test('needs a group that exists', async ({folder}) => {
    const {status, json} = await openApi(folder).call('POST databases', {name: 'stage-a', group: 'other'})
    expect({status, json}).toEqual({status: 400, json: {error: 'group not found'}})
  })

  test('is made in its group by exactly one of many, also of other processes', async ({folder}) => {
    const [one, other] = [openApi(folder), openApi(folder)]
    await one.call('POST groups', {name: 'bots', location: 'local'})
    const answers = await Promise.all(
      Array.from({length: 12}, (_, index) => (index % 2 ? one : other).call('POST databases', {name: 'stage-a', group: index % 2 ? 'bots' : 'default'})),
    )
    const winner = answers.findIndex(({status}) => status === 200)
    expect(answers.filter(({status}) => status === 200)).toHaveLength(1)
    expect((await one.call('GET databases/stage-a')).json.database.group).toBe(winner % 2 ? 'bots' : 'default')
  })

  test('is not encrypted, and says so instead of forgetting the key', async ({folder}) => {
    const {call} = openApi(folder)
    const {status, text} = await call('POST databases', {name: 'stage-a', remote_encryption: {encryption_key: 'c2VjcmV0', encryption_cipher: 'aes256gcm'}})
    expect({status, text}).toEqual({status: 400, text: expect.stringContaining('cannot encrypt')})
    expect(text).not.toContain('c2VjcmV0')
  })

  test('follows a schema database that exists', async ({folder}) => {
    const {call} = openApi(folder)
    expect((await call('POST databases', {name: 'child', schema: 'mother'})).json).toEqual({error: 'schema database not found'})
    await call('POST databases', {name: 'mother', is_schema: true})
    await call('POST databases', {name: 'child', schema: 'mother'})
    expect((await call('GET databases?schema=mother')).json.databases).toMatchObject([{Name: 'child', schema: 'mother', is_schema: false}])
    expect((await call('GET databases?type=schema')).json.databases).toMatchObject([{Name: 'mother', type: 'schema', is_schema: true}])
  })
})

describe('deleting a database', () => {
  test('is refused while it, or its group, is protected', async ({folder}) => {
    const {call} = openApi(folder)
    await call('POST databases', {name: 'live-a'})
    for (const path of ['databases/live-a/configuration', 'groups/default/configuration']) {
      await call(`PATCH ${path}`, {delete_protection: true})
      const {status, json} = await call('DELETE databases/live-a')
      expect({status, json}).toEqual({status: 403, json: {error: 'live-a is delete-protected and cannot be deleted'}})
      await call(`PATCH ${path}`, {delete_protection: false})
    }
    expect((await call('DELETE databases/live-a')).json).toEqual({database: 'live-a'})
  })

  test('lets go of its connections first, and only if it happens', async ({folder}) => {
    const released: string[] = []
    const {call} = openApi(folder, {release: async (name) => void released.push(name)})
    for (const name of ['stage-a', 'live-a']) await call('POST databases', {name})
    await call('PATCH databases/live-a/configuration', {delete_protection: true})
    await call('DELETE databases/live-a')
    expect(released).toEqual([])
    await call('DELETE databases/stage-a')
    expect(new Set(released)).toEqual(new Set(['stage-a']))
  })

  test('waits for whoever creates one of that name', async ({folder}) => {
    const {call, directory} = openApi(folder)
    const operations = Array.from({length: 20}, (_, index) => (index % 2 ? call('POST databases', {name: 'stage-a'}) : call('DELETE databases/stage-a')))
    const answers = await Promise.all(operations)
    expect(answers.filter(({status}) => ![200, 400, 404].includes(status))).toEqual([])
    const done = answers.filter(({status}) => status === 200).map(({json}) => (typeof json.database === 'string' ? -1 : 1))
    const left = done.reduce((sum, change) => sum + change, 0)
    expect((await readdir(directory)).filter((file) => file.startsWith('stage-a'))).toEqual(left === 1 ? ['stage-a.db'] : [])
    expect((await call('GET databases/stage-a')).status).toBe(left === 1 ? 200 : 404)
  })
})

describe('the list of databases', () => {
  test('comes in pages, by a cursor that outlives deletions', async ({folder}) => {
    const {call} = openApi(folder)
    for (const name of ['a', 'b', 'c', 'd', 'e']) await call('POST databases', {name})
    const first = (await call('GET databases?limit=2')).json
    expect(names(first)).toEqual(['a', 'b'])
    await call('DELETE databases/b')
    const second = (await call(`GET databases?limit=2&cursor=${first.pagination.next}`)).json
    expect(names(second)).toEqual(['c', 'd'])
    const third = (await call(`GET databases?limit=2&cursor=${second.pagination.next}`)).json
    expect({names: names(third), next: third.pagination.next}).toEqual({names: ['e'], next: null})
  })

  test('has at most 1000 on a page, also where no limit is given', async ({folder}) => {
    const {call, directory} = openApi(folder)
    await call('GET groups')
    await Promise.all(Array.from({length: 1001}, (_, index) => writeFile(join(directory, `stage-${index}.db`), '')))
    for (const query of ['', '?limit=5000']) {
      const {databases, pagination} = (await call(`GET databases${query}`)).json
      expect(databases).toHaveLength(1000)
      expect(names((await call(`GET databases?cursor=${pagination.next}`)).json)).toHaveLength(1)
    }
  })

  test.for(['limit=0', 'limit=-1', 'limit=many', 'cursor=Li4v', 'cursor=!'])('refuses %s', async (query, {folder}) => {
    const {status, json} = await openApi(folder).call(`GET databases?${query}`)
    expect({status, json}).toEqual({status: 400, json: {error: expect.stringContaining('parameter')}})
  })

  test('can be held to a group, and to the forks of a database', async ({folder}) => {
    const {call} = openApi(folder)
    await call('POST groups', {name: 'bots', location: 'local'})
    const {DbId} = (await call('POST databases', {name: 'one', group: 'bots'})).json.database
    await call('POST databases', {name: 'two', seed: {type: 'database', value: 'one'}})
    expect(names((await call('GET databases?group=bots')).json)).toEqual(['one'])
    expect(names((await call(`GET databases?parent=${DbId}`)).json)).toEqual(['two'])
    expect(names((await call('GET databases?group=other')).json)).toEqual([])
  })
})

describe('a fork', () => {
  test.for(['name', 'value'])('by seed.%s is a copy that goes its own way', async (key, {folder}) => {
    const {call, directory} = openApi(folder)
    const {DbId} = (await call('POST databases', {name: 'live-a'})).json.database
    await execute(join(directory, 'live-a.db'), 'CREATE TABLE trades (price REAL)', 'INSERT INTO trades VALUES (0.05)')
    expect((await call('POST databases', {name: 'stage-a', seed: {type: 'database', [key]: 'live-a'}})).status).toBe(200)
    await execute(join(directory, 'live-a.db'), 'DELETE FROM trades')
    expect(await query(join(directory, 'stage-a.db'), 'SELECT price FROM trades')).toEqual([{price: 0.05}])
    const {parent, DbId: ownId} = (await call('GET databases/stage-a')).json.database
    expect(parent).toEqual({id: DbId, name: 'live-a', branched_at: expect.stringMatching(/^\d{4}-/)})
    expect(ownId).not.toBe(DbId)
  })

  test.for([
    [{type: 'database'}, 'seed database not found'],
    [{type: 'database', name: 'gone'}, 'seed database not found'],
    [{type: 'database', name: '../stage-a'}, 'seed database not found'],
    [{type: 'database', name: 'stage-a', timestamp: '2026-01-01T00:00:00Z'}, 'keeps no history'],
    [{type: 'dump', url: 'http://127.0.0.1/dump'}, 'invalid seed type'],
    [{type: 'database_upload'}, 'invalid seed type'],
    [[], 'seed.type is missing'],
  ] as const)('of %j is refused, and nothing is made', async ([seed, message], {folder}) => {
    const {call} = openApi(folder)
    await call('POST databases', {name: 'stage-a'})
    const {status, json} = await call('POST databases', {name: 'a-fork', seed})
    expect({status, json}).toEqual({status: 400, json: {error: expect.stringContaining(message)}})
    expect(names((await call('GET databases')).json)).toEqual(['stage-a'])
  })

  test('of a file that is no database names that file', async ({folder}) => {
    const {call, directory} = openApi(folder)
    await call('GET groups')
    await writeFile(join(directory, 'broken.db'), 'This is not a database. '.repeat(300))
    const {status, json} = await call('POST databases', {name: 'a-fork', seed: {type: 'database', name: 'broken'}})
    expect({status, json}).toEqual({status: 500, json: {error: expect.stringContaining('broken.db is damaged')}})
    expect((await readdir(directory)).filter((file) => file.startsWith('a-fork'))).toEqual([])
  })
})

const names = ({databases}: {databases: {Name: string}[]}) => databases.map(({Name}) => Name)
