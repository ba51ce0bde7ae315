import {type Client, createClient, type LibsqlBatchError, LibsqlError} from '@libsql/client/http'
import {describe, expect, test} from 'vitest'
import {usingServer} from '../../helpers/server.ts'

/** Lends the official client, unchanged, on an empty database of the server. */
const usingClient = (use: (client: Client) => Promise<void>) =>
  usingServer(async ({url, platform, tokenOf}) => {
    await platform.createDatabase('stage-condor')
    // With a slash at the end: without it the client drops the path.
    const client = createClient({url: `${url}/dev/stage-condor/`, authToken: await tokenOf('stage-condor')})
    try {
      await use(client)
    } finally {
      client.close()
    }
  })

describe('@libsql/client works against the local server as against a real one', () => {
  test('execute: arguments of each kind, columns, types, affected rows, the last rowid', () =>
    usingClient(async (client) => {
      await client.execute('CREATE TABLE t (id INTEGER PRIMARY KEY, x, note TEXT)')
      const inserted = await client.execute({sql: 'INSERT INTO t (x, note) VALUES (?, ?), (?, ?)', args: [1.5, 'a', new Uint8Array([0, 255]), null]})
      expect(inserted).toMatchObject({rowsAffected: 2, lastInsertRowid: 2n})
      const selected = await client.execute({sql: 'SELECT id, x, note, :n AS n FROM t ORDER BY id', args: {n: 7}})
      expect(selected.columns).toEqual(['id', 'x', 'note', 'n'])
      expect(selected.columnTypes).toEqual(['INTEGER', '', 'TEXT', ''])
      expect(selected.rows.map((row) => ({...row}))).toEqual([
        {id: 1, x: 1.5, note: 'a', n: 7},
        {id: 2, x: new Uint8Array([0, 255]).buffer, note: null, n: 7},
      ])
    }))

  test('batch: all or nothing, and says which statement failed', () =>
    usingClient(async (client) => {
      await client.batch(['CREATE TABLE t (id INTEGER PRIMARY KEY)', 'INSERT INTO t VALUES (1)'], 'write')
      const error = await client.batch(['INSERT INTO t VALUES (2)', 'INSERT INTO t VALUES (1)', 'INSERT INTO t VALUES (3)'], 'write').catch((thrown) => thrown)
      expect(error).toBeInstanceOf(LibsqlError)
      expect(error as LibsqlBatchError).toMatchObject({name: 'LibsqlBatchError', code: 'SQLITE_CONSTRAINT', statementIndex: 1})
      const [rows, none] = await client.batch(['SELECT id FROM t', {sql: 'SELECT id FROM t WHERE id = ?', args: [9]}], 'read')
      expect([rows?.rows.length, none?.rows.length]).toEqual([1, 0])
    }))

  test('migrate: foreign keys are off meanwhile and on afterwards', () =>
    usingClient(async (client) => {
      await client.batch(['CREATE TABLE p (id INTEGER PRIMARY KEY)', 'CREATE TABLE c (p INTEGER REFERENCES p)'], 'write')
      await client.migrate(['INSERT INTO c VALUES (7)'])
      expect((await client.execute('PRAGMA foreign_keys')).rows[0]?.['foreign_keys']).toBe(1)
      await expect(client.execute('INSERT INTO c VALUES (8)')).rejects.toMatchObject({code: 'SQLITE_CONSTRAINT'})
      const error = await client.migrate(['CREATE TABLE x (y)', 'INSERT INTO nowhere VALUES (1)']).catch((thrown) => thrown)
      expect(error).toMatchObject({code: 'SQLITE_UNKNOWN', statementIndex: 1})
      expect((await client.execute("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'x'")).rows[0]?.['n']).toBe(0)
    }))

  test('executeMultiple runs every statement of a text', () =>
    usingClient(async (client) => {
      await client.executeMultiple("CREATE TABLE t (x); INSERT INTO t VALUES ('a;b'); INSERT INTO t VALUES (2);")
      expect((await client.execute('SELECT count(*) AS n FROM t')).rows[0]?.['n']).toBe(2)
      await expect(client.executeMultiple('INSERT INTO t VALUES (3); INSERT INTO nowhere VALUES (1); INSERT INTO t VALUES (4)')).rejects.toMatchObject({
        code: 'SQLITE_UNKNOWN',
      })
      expect((await client.execute('SELECT count(*) AS n FROM t')).rows[0]?.['n']).toBe(3)
    }))

  test('transaction: commits, rolls back, is rolled back when it is closed, and reads its own writes', () =>
    usingClient(async (client) => {
      await client.execute('CREATE TABLE t (x)')
      const count = async () => (await client.execute('SELECT count(*) AS n FROM t')).rows[0]?.['n']
      const committed = await client.transaction('write')
      await committed.execute('INSERT INTO t VALUES (1)')
      expect((await committed.execute('SELECT count(*) AS n FROM t')).rows[0]?.['n']).toBe(1)
      expect(await count()).toBe(0)
      await committed.commit()
      expect(committed.closed).toBe(true)
      for (const end of ['rollback', 'close'] as const) {
        const transaction = await client.transaction('write')
        await transaction.batch(['INSERT INTO t VALUES (2)', 'INSERT INTO t VALUES (3)'])
        await transaction[end]()
      }
      expect(await count()).toBe(1)
    }))

  test.each([
    ['SELEC', 'SQL_PARSE_ERROR'],
    ['SELECT * FROM nowhere', 'SQLITE_UNKNOWN'],
    ['SELECT nowhere FROM sqlite_schema', 'SQL_INPUT_ERROR'],
    ['SELECT 1; SELECT 2', 'SQL_MANY_STATEMENTS'],
    ['VACUUM', 'SQL_PARSE_ERROR'],
  ])('%s is refused with %s', (sql, code) =>
    usingClient(async (client) => {
      await expect(client.execute(sql)).rejects.toMatchObject({name: 'LibsqlError', code})
    }),
  )
})
