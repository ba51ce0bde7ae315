import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {usingDatabase} from '../../../src/database/connect.ts'
import {localPlatform} from '../../../src/platform/local.ts'
import type {Platform, PlatformDatabase} from '../../../src/platform/platform.ts'
import {applying, forkNameOf, makeMarked, rehearse, valuesIn} from '../../helpers/rehearsal.ts'
import {test} from '../../helpers/test.ts'

const trades = ['CREATE TABLE trade_logs (id TEXT PRIMARY KEY, pnl REAL)', "INSERT INTO trade_logs VALUES ('a', 1), ('b', 2), ('c', 3)"]

/** A local platform in a folder, with the database `live-condor`. */
async function sourceIn(folder: string, ...statements: string[]): Promise<[Platform, PlatformDatabase]> {
  const platform = localPlatform({directory: join(folder, '.strat'), group: 'default'})
  return [platform, await makeMarked(platform, 'live-condor', ...statements)]
}

const failing = (message: string) => ({code: 'REHEARSAL_FAILED', message: expect.stringContaining(message)})

describe('a rehearsal on a copy', () => {
  test('shows the rows of each table before and after, changes nothing, and leaves nothing', async ({folder}) => {
    const [platform, source] = await sourceIn(folder, ...trades)
    const name = forkNameOf(0)
    const apply = applying('ALTER TABLE trade_logs ADD COLUMN note TEXT', 'CREATE TABLE notes (x)', 'INSERT INTO notes VALUES (1)')
    expect(await rehearse(platform, source, apply, {name})).toEqual({
      database: 'live-condor',
      fork: name,
      tables: [
        {name: 'trade_logs', before: 3, after: 3},
        {name: 'notes', before: 0, after: 1},
      ],
    })
    expect(await valuesIn(platform, source, "SELECT name FROM pragma_table_info('trade_logs')")).toEqual(['id', 'pnl'])
    expect(await platform.listDatabases()).toEqual([source])
  })

  test('fails where rows are gone that nobody said would be', async ({folder}) => {
    const [platform, source] = await sourceIn(folder, ...trades)
    const apply = applying("DELETE FROM trade_logs WHERE id <> 'a'")
    await expect(rehearse(platform, source, apply)).rejects.toMatchObject(
      failing('a copy of live-condor the migrations went wrong: trade_logs lost rows (3 before, 1 after)'),
    )
    expect(await rehearse(platform, source, apply, {deletesFrom: ['trade_logs']})).toMatchObject({tables: [{name: 'trade_logs', before: 3, after: 1}]})
    expect(await platform.listDatabases()).toEqual([source])
  })

  test('fails where a table is gone with its rows, not where it was empty or has another name', async ({folder}) => {
    const [platform, source] = await sourceIn(folder, ...trades, 'CREATE TABLE "an ""empty"" one" (x)')
    const dropping = applying('DROP TABLE trade_logs', 'CREATE TABLE trades (x)', 'INSERT INTO trades VALUES (1)')
    await expect(rehearse(platform, source, dropping)).rejects.toMatchObject(failing('trade_logs lost rows (3 before, now the table is gone)'))
    expect(await rehearse(platform, source, applying('ALTER TABLE trade_logs RENAME TO trades', 'DROP TABLE "an ""empty"" one"'))).toMatchObject({
      tables: [
        {name: 'an "empty" one', before: 0, after: null},
        {name: 'trade_logs', before: 3, after: null},
        {name: 'trades', before: 0, after: 3},
      ],
    })
  })

  test('takes no other spelling of a name for another table', async ({folder}) => {
    const [platform, source] = await sourceIn(folder, 'CREATE TABLE Trades (x)', 'INSERT INTO Trades VALUES (1), (2)')
    const renaming = applying('ALTER TABLE Trades RENAME TO x', 'ALTER TABLE x RENAME TO TRADES')
    expect(await rehearse(platform, source, renaming)).toMatchObject({tables: [{name: 'Trades', before: 2, after: 2}]})
  })

  test('fails where the integrity is broken afterwards', async ({folder}) => {
    const breaking = ['PRAGMA ignore_check_constraints = ON', 'INSERT INTO t VALUES (-1)', 'PRAGMA ignore_check_constraints = OFF']
    const [platform, source] = await sourceIn(folder, 'CREATE TABLE t (x CHECK (x > 0))')
    await expect(rehearse(platform, source, applying(...breaking))).rejects.toMatchObject(failing('it is damaged: CHECK constraint failed in t'))
    await applyTo(platform, source, ...breaking)
    await expect(rehearse(platform, source, applying('CREATE TABLE u (x)'))).rejects.toMatchObject(failing('it is damaged, as it was before: CHECK'))
  })

  test('fails where rows refer to nothing that did not before', async ({folder}) => {
    const tables = ['CREATE TABLE parent (id INTEGER PRIMARY KEY)', 'CREATE TABLE child (parent INTEGER REFERENCES parent)']
    const [platform, source] = await sourceIn(folder, ...tables, 'INSERT INTO child VALUES (7), (8)')
    expect(await rehearse(platform, source, applying('ALTER TABLE child ADD COLUMN note TEXT'))).toMatchObject({tables: [{before: 2, after: 2}, {}]})
    await expect(rehearse(platform, source, applying('INSERT INTO child VALUES (9)'))).rejects.toMatchObject(
      failing('rows of child refer to nothing in parent (2 before, 3 after)'),
    )
  })

  test('fails where a key can be satisfied by no row', async ({folder}) => {
    const [platform, source] = await sourceIn(folder, 'CREATE TABLE parent (name TEXT)')
    const apply = applying('CREATE TABLE child (parent TEXT REFERENCES parent (name))', "INSERT INTO child VALUES ('a')")
    await expect(rehearse(platform, source, apply)).rejects.toMatchObject(failing('foreign key mismatch'))
  })

  test('counts the rows of full-text tables and not what indexes keep for themselves', async ({folder}) => {
    const [platform, source] = await sourceIn(
      folder,
      'CREATE VIRTUAL TABLE words USING fts5(x)',
      'CREATE TABLE vectors (e F32_BLOB(2))',
      'CREATE INDEX nearest ON vectors (libsql_vector_idx(e))',
      "INSERT INTO vectors VALUES (vector('[1,2]')), (vector('[2,3]'))",
    )
    await applyTo(platform, source, "INSERT INTO words VALUES ('a b')")
    await applyTo(platform, source, "INSERT INTO words VALUES ('c d')")
    const before = await valuesIn(platform, source, 'SELECT count(*) FROM words_idx')
    await applyTo(platform, source, "INSERT INTO words VALUES ('e f')")
    expect(before).toEqual([2])
    expect(await rehearse(platform, source, applying("INSERT INTO words (words) VALUES ('optimize')", 'DROP INDEX nearest'))).toMatchObject({
      tables: [
        {name: 'vectors', before: 2, after: 2},
        {name: 'words', before: 3, after: 3},
      ],
    })
    await expect(rehearse(platform, source, applying("DELETE FROM words WHERE x = 'a b'"))).rejects.toMatchObject(
      failing('words lost rows (3 before, 2 after)'),
    )
  })

  test('ends with the error of what it applies, and deletes the copy', async ({folder}) => {
    const [platform, source] = await sourceIn(folder, ...trades)
    await expect(rehearse(platform, source, applying('CREATE TABLE x (y)', 'INSERT INTO nowhere VALUES (1)'))).rejects.toThrow('no such table: nowhere')
    expect(await platform.listDatabases()).toEqual([source])
  })

  test('names a copy that could not be deleted, and hides no error by it', async ({folder}) => {
    const [platform, source] = await sourceIn(folder, ...trades)
    const name = forkNameOf(0)
    const warnings: string[] = []
    const protecting = async () => {
      await platform.configureDatabase(name, {deleteProtection: true})
      throw new Error('the first error')
    }
    await expect(rehearse(platform, source, protecting, {name, warnings})).rejects.toThrow('the first error')
    expect(warnings).toEqual([expect.stringContaining(`${name}, a copy of live-condor for the rehearsal, was not deleted: ${name} is delete-protected`)])
    expect((await platform.listDatabases()).map((database) => database.name)).toEqual(['live-condor', name])
  })
})

const applyTo = async (platform: Platform, database: PlatformDatabase, ...statements: string[]) =>
  usingDatabase(await platform.connect(database), applying(...statements))
