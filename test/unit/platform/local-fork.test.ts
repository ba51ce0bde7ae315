import {readdir, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {forkDatabaseFile} from '../../../src/platform/local-fork.ts'
import {execute, query, usingFile} from '../../helpers/database.ts'
import {modeOf} from '../../helpers/files.ts'
import {test} from '../../helpers/test.ts'

const sourceIn = (folder: string) => join(folder, 'live-a.db')
const forkIn = (folder: string) => join(folder, 'stage-a.db')

describe('a fork of a database file', () => {
  test('has every row under its own row id, also those that are still in the log', async ({folder}) => {
    await execute(
      sourceIn(folder),
      'PRAGMA journal_mode = WAL',
      'CREATE TABLE t (x TEXT)',
      "INSERT INTO t VALUES ('a'), ('b'), ('c')",
      "DELETE FROM t WHERE x = 'b'",
    )
    await usingFile(sourceIn(folder), async (open) => {
      await open.execute("INSERT INTO t VALUES ('in the log')")
      expect(await forkDatabaseFile(sourceIn(folder), forkIn(folder))).toBe(true)
    })
    expect(await query(forkIn(folder), 'SELECT rowid, x FROM t')).toEqual([
      {rowid: 1, x: 'a'},
      {rowid: 3, x: 'c'},
      {rowid: 4, x: 'in the log'},
    ])
    expect(await query(forkIn(folder), 'PRAGMA journal_mode')).toEqual([{journal_mode: 'wal'}])
    expect(await modeOf(forkIn(folder))).toBe('600')
    expect((await readdir(folder)).filter((file) => file.includes('tmp'))).toEqual([])
  })

  test('has nothing of a transaction that is not committed, and waits for none', async ({folder}) => {
    await execute(sourceIn(folder), 'PRAGMA journal_mode = WAL', 'CREATE TABLE t (x)')
    await usingFile(sourceIn(folder), async (open) => {
      const transaction = await open.transaction('write')
      await transaction.execute('INSERT INTO t VALUES (1)')
      await forkDatabaseFile(sourceIn(folder), forkIn(folder))
      await transaction.commit()
    })
    expect(await query(forkIn(folder), 'SELECT x FROM t')).toEqual([])
  })

  test('takes nobody’s place', async ({folder}) => {
    await execute(sourceIn(folder), 'CREATE TABLE t (x)')
    await execute(forkIn(folder), 'CREATE TABLE other (x)')
    expect(await forkDatabaseFile(sourceIn(folder), forkIn(folder))).toBe(false)
    expect(await query(forkIn(folder), 'SELECT name FROM sqlite_schema')).toEqual([{name: 'other'}])
    await rm(forkIn(folder))
    const results = await Promise.all([forkDatabaseFile(sourceIn(folder), join(folder, 'x.db')), forkDatabaseFile(sourceIn(folder), forkIn(folder))])
    expect(results).toEqual([true, true])
  })

  test('is not hindered by what a crash has left', async ({folder}) => {
    await execute(sourceIn(folder), 'CREATE TABLE t (x)')
    await writeFile(`${forkIn(folder)}.${process.pid}.tmp`, 'half a database')
    expect(await forkDatabaseFile(sourceIn(folder), forkIn(folder))).toBe(true)
    expect(await query(forkIn(folder), 'SELECT name FROM sqlite_schema')).toEqual([{name: 't'}])
  })

  test('of a database that is gone is none, and does not bring it back', async ({folder}) => {
    await expect(forkDatabaseFile(sourceIn(folder), forkIn(folder))).rejects.toMatchObject({code: 'DATABASE_NOT_FOUND'})
    expect(await readdir(folder)).toEqual([])
  })
})
