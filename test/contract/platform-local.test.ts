import {createPublicKey} from 'node:crypto'
import {stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {jwtVerify} from 'jose'
import {describe, expect} from 'vitest'
import {localPlatform} from '../../src/platform/local.ts'
import {usingRegistry} from '../../src/platform/local-registry.ts'
import {execute, query, usingFile} from '../helpers/database.ts'
import {modeOf} from '../helpers/files.ts'
import {usingFolder} from '../helpers/strat.ts'
import {test} from '../helpers/test.ts'
import {describePlatform, strangerKey} from './platform.ts'

const open = (folder: string) => localPlatform({directory: join(folder, '.strat'), group: 'default'})

describePlatform('local', (use) => usingFolder((folder) => use(open(folder), open(folder))))

describe('the files of the local platform', () => {
  test('are for their owner only, and kept out of git', async ({folder}) => {
    const platform = open(folder)
    await platform.createDatabase('stage-condor')
    expect(await modeOf(join(folder, '.strat'))).toBe('700')
    for (const file of ['.gitignore', 'platform.sqlite', 'stage-condor.db']) expect([file, await modeOf(join(folder, '.strat', file))]).toEqual([file, '600'])
    // Logs that SQLite makes beside a file take over its mode.
    await execute(join(folder, '.strat/stage-condor.db'), 'CREATE TABLE t (x)')
    expect(await modeOf(join(folder, '.strat/stage-condor.db-wal'))).toBe('600')
  })

  test('hold no directory before there is a database', async ({folder}) => {
    await open(folder).listDatabases()
    await expect(modeOf(join(folder, '.strat'))).rejects.toThrow('ENOENT')
  })

  test('a file that came by hand is a database', async ({folder}) => {
    const platform = open(folder)
    await platform.createDatabase('stage-a')
    await execute(join(folder, '.strat/by-hand.db'), 'CREATE TABLE t (x)')
    const [byHand] = await platform.listDatabases()
    expect(byHand).toMatchObject({name: 'by-hand'})
    expect(await open(folder).getDatabase('by-hand')).toEqual(byHand)
  })

  test('other files are none', async ({folder}) => {
    const platform = open(folder)
    await platform.createDatabase('stage-a')
    for (const name of ['Upper.db', 'notes.txt', 'x.db-journal']) await writeFile(join(folder, '.strat', name), '')
    expect((await platform.listDatabases()).map(({name}) => name)).toEqual(['stage-a'])
  })

  test('what a crash between deletion and creation left behind does not come back', async ({folder}) => {
    const platform = open(folder)
    const {database} = await platform.createDatabase('stage-a')
    await platform.configureDatabase('stage-a', {deleteProtection: true})
    await import('node:fs/promises').then(({rm}) => rm(join(folder, '.strat/stage-a.db')))
    const again = await platform.createDatabase('stage-a')
    expect(again.database.id).not.toBe(database.id)
    await platform.deleteDatabase(again.database)
    expect(await platform.listDatabases()).toEqual([])
  })

  test('a directory of a newer strat is refused, and left as it is', async ({folder}) => {
    const platform = open(folder)
    await platform.createDatabase('stage-a')
    const registry = join(folder, '.strat/platform.sqlite')
    await execute(registry, 'PRAGMA user_version = 99')
    await expect(platform.listDatabases()).rejects.toMatchObject({code: 'STORAGE_NEWER', message: expect.stringContaining('format 99')})
    expect(await query(registry, 'PRAGMA user_version')).toEqual([{user_version: 99}])
  })

  test('tokens are signed with the key of their database, which their invalidation replaces', async ({folder}) => {
    const platform = open(folder)
    await platform.createDatabase('stage-a')
    await platform.createDatabase('stage-b')
    const keys = await query(join(folder, '.strat/platform.sqlite'), 'SELECT name, signing_key FROM databases')
    const keyOf = (name: string) => createPublicKey(String(keys.find((row) => row['name'] === name)?.['signing_key']))
    const {jwt} = await platform.createDatabaseToken('stage-a', {lifetimeSeconds: 60})
    expect((await jwtVerify(jwt, keyOf('stage-a'))).payload).toMatchObject({a: 'rw'})
    await platform.invalidateTokens({name: 'stage-a', group: 'default'})
    const [row] = await query(join(folder, '.strat/platform.sqlite'), "SELECT signing_key FROM databases WHERE name = 'stage-a'")
    const newKey = createPublicKey(String(row?.['signing_key']))
    for (const other of [keyOf('stage-b'), strangerKey(), newKey]) await expect(jwtVerify(jwt, other)).rejects.toThrow('signature verification failed')
  })
})

describe('the usage of the local platform', () => {
  test('is what was counted and the sizes of the files, without limits', async ({folder}) => {
    const platform = open(folder)
    for (const name of ['stage-a', 'stage-b']) await platform.createDatabase(name)
    const count = (name: string, rowsRead: number, rowsWritten: number) =>
      usingRegistry(join(folder, '.strat/platform.sqlite'), (registry) => registry.addUsage(name, {rowsRead, rowsWritten}))
    await Promise.all([count('stage-a', 100, 10), count('stage-a', 1, 1), count('stage-b', 7, 0), count('stage-gone', 1000, 1000)])
    await execute(join(folder, '.strat/stage-b.db'), 'CREATE TABLE t (x)', 'PRAGMA wal_checkpoint(TRUNCATE)')
    const [a, b] = await Promise.all(['stage-a', 'stage-b'].map(async (name) => (await stat(join(folder, '.strat', `${name}.db`))).size))
    expect(b).toBeGreaterThan(0)
    expect(await platform.readUsage()).toEqual({
      plan: 'local',
      databases: {used: 2, quota: null},
      storageBytes: {used: (a ?? 0) + (b ?? 0), quota: null},
      rowsRead: {used: 108, quota: null},
      rowsWritten: {used: 11, quota: null},
      perDatabase: [
        {name: 'stage-a', rowsRead: 101, rowsWritten: 11, storageBytes: a},
        {name: 'stage-b', rowsRead: 7, rowsWritten: 0, storageBytes: b},
      ],
    })
  })

  test('still holds what deleted databases used, and makes no directory only to be told', async ({folder}) => {
    const platform = open(folder)
    expect((await platform.readUsage()).rowsRead.used).toBe(0)
    await expect(modeOf(join(folder, '.strat'))).rejects.toThrow('ENOENT')
    const {database} = await platform.createDatabase('stage-a')
    await usingRegistry(join(folder, '.strat/platform.sqlite'), (registry) => registry.addUsage('stage-a', {rowsRead: 5, rowsWritten: 1}))
    await platform.deleteDatabase(database)
    expect(await platform.readUsage()).toMatchObject({databases: {used: 0}, rowsRead: {used: 5}, perDatabase: []})
  })
})

test('a protected group keeps its databases', async ({folder}) => {
  const platform = open(folder)
  const {database} = await platform.createDatabase('live-a')
  await usingRegistry(join(folder, '.strat/platform.sqlite'), ({groups}) => groups.setDeleteProtection('default', true))
  await expect(platform.deleteDatabase(database)).rejects.toMatchObject({code: 'DATABASE_DELETE_PROTECTED'})
  expect(await platform.listDatabases()).toEqual([database])
})

test('a deletion lets go of connections before the file is gone, and of those that were opened meanwhile', async ({folder}) => {
  const seen: boolean[] = []
  const file = join(folder, '.strat/stage-a.db')
  const release = async () =>
    void seen.push(
      await stat(file).then(
        () => true,
        () => false,
      ),
    )
  const platform = localPlatform({directory: join(folder, '.strat'), group: 'default', release})
  const {database} = await platform.createDatabase('stage-a')
  await platform.deleteDatabase(database)
  expect(seen).toEqual([true, false])
})

test('a deletion waits for a writer of the same process', async ({folder}) => {
  const directory = join(folder, '.strat')
  const {database} = await open(folder).createDatabase('stage-a')
  await usingFile(join(directory, 'stage-a.db'), async (client) => {
    const transaction = await client.transaction('write')
    await transaction.execute('CREATE TABLE t (x)')
    const release = async () => void (transaction.closed || setTimeout(() => void transaction.commit(), 100))
    await localPlatform({directory, group: 'default', release}).deleteDatabase(database)
  })
  expect(await open(folder).listDatabases()).toEqual([])
})
