import {createPublicKey} from 'node:crypto'
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {jwtVerify} from 'jose'
import {describe, expect} from 'vitest'
import {localPlatform} from '../../src/platform/local.ts'
import {execute, query} from '../helpers/database.ts'
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
    await platform.setDeleteProtection('stage-a', true)
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

  test('tokens are signed with the key of their database', async ({folder}) => {
    const platform = open(folder)
    await platform.createDatabase('stage-a')
    await platform.createDatabase('stage-b')
    const keys = await query(join(folder, '.strat/platform.sqlite'), 'SELECT name, signing_key FROM databases')
    const keyOf = (name: string) => createPublicKey(String(keys.find((row) => row['name'] === name)?.['signing_key']))
    const {jwt} = await platform.createDatabaseToken('stage-a', {lifetimeSeconds: 60})
    expect((await jwtVerify(jwt, keyOf('stage-a'))).payload).toMatchObject({a: 'rw'})
    for (const other of [keyOf('stage-b'), strangerKey()]) await expect(jwtVerify(jwt, other)).rejects.toThrow('signature verification failed')
  })
})
