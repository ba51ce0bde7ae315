import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readdir, rm, utimes, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {describe, expect} from 'vitest'
import {localDatabases} from '../../../src/platform/local-databases.ts'
import {forkDatabaseFile} from '../../../src/platform/local-fork.ts'
import {execute, query, usingFile} from '../../helpers/database.ts'
import {modeOf} from '../../helpers/files.ts'
import {projectRoot} from '../../helpers/strat.ts'
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

  test('removes what other forks that crashed have left, an hour later', async ({folder}) => {
    await execute(sourceIn(folder), 'CREATE TABLE t (x)')
    const hourAgo = new Date(Date.now() - 61 * 60_000)
    const [old, log, young, other] = ['live-b.db.7.tmp', 'live-b.db.7.tmp-wal', 'live-c.db.8.tmp', 'notes.7.tmp'].map((name) => join(folder, name))
    for (const path of [old, log, young, other]) await writeFile(path ?? '', 'half a database')
    for (const path of [old, log, other]) await utimes(path ?? '', hourAgo, hourAgo)
    await forkDatabaseFile(sourceIn(folder), forkIn(folder))
    expect((await readdir(folder)).filter((name) => name.includes('.tmp')).sort()).toEqual(['live-c.db.8.tmp', 'notes.7.tmp'])
  })

  test('of a database that is gone is none, and does not bring it back', async ({folder}) => {
    await expect(forkDatabaseFile(sourceIn(folder), forkIn(folder))).rejects.toMatchObject({code: 'DATABASE_NOT_FOUND'})
    expect(await readdir(folder)).toEqual([])
  })
})

test('a fork that is killed at any step is whole or not there, and made again it is there', async ({folder}) => {
  const directory = join(folder, '.strat')
  const databases = localDatabases({directory, group: 'default'})
  const {entry: source} = await databases.create('live-a')
  await execute(databases.pathOf('live-a'), 'CREATE TABLE t (x)', 'INSERT INTO t SELECT value FROM generate_series(1, 1000)')
  const make = (name: string) => databases.create(name, {group: 'default', parent: source}, (path) => forkDatabaseFile(databases.pathOf('live-a'), path))
  const whole = [{rows: 1000}]
  let step = 0
  for (let isKilled = true; isKilled; ) {
    step += 1
    isKilled = await forkUntilKilled(directory, source.id, step)
    if (await databases.exists('a-fork')) expect(await query(databases.pathOf('a-fork'), 'SELECT count(*) AS rows FROM t')).toEqual(whole)
    const {entry} = await make('a-fork')
    expect(await query(databases.pathOf('a-fork'), 'SELECT count(*) AS rows FROM t')).toEqual(whole)
    expect((await databases.list()).map(({name}) => name)).toEqual(['a-fork', 'live-a'])
    await databases.delete('a-fork', entry.id)
  }
  expect(step).toBeGreaterThan(10)
})

/** Forks live-a in a process of its own, which is killed before its n-th step that touches the disk; says whether that came. */
async function forkUntilKilled(directory: string, id: string, step: number): Promise<boolean> {
  const module = (path: string) => JSON.stringify(pathToFileURL(join(projectRoot, path)).href)
  const script = `
    const {localDatabases} = await import(${module('src/platform/local-databases.ts')})
    const {forkDatabaseFile} = await import(${module('src/platform/local-fork.ts')})
    const [directory, id] = process.argv.slice(1)
    const databases = localDatabases({directory, group: 'default'})
    await databases.create('a-fork', {group: 'default', parent: {id, name: 'live-a'}}, (path) => forkDatabaseFile(databases.pathOf('live-a'), path))`
  const args = ['--import', pathToFileURL(join(projectRoot, 'test/helpers/kill-at.mjs')).href, '--input-type=module', '--eval', script, directory, id]
  const child = spawn(process.execPath, args, {stdio: 'inherit', env: {...process.env, KILL_AT: String(step)}})
  const [code, signal] = await once(child, 'close')
  expect([code, signal]).toContainEqual(signal === null ? 0 : 'SIGKILL')
  return signal === 'SIGKILL'
}
