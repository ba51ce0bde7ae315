import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {usingFile} from '../../helpers/database.ts'
import {type TestServer, usingServer} from '../../helpers/server.ts'

/** Lends a server with the database `a`, which has a table `t (x)`, and an empty `b`. */
const usingTable = (use: (server: TestServer) => Promise<void>, options: Parameters<typeof usingServer>[1] = {}) =>
  usingServer(async (server) => {
    await server.platform.createDatabase('a')
    await server.platform.createDatabase('b')
    await server.run('a', ['CREATE TABLE t (x)'])
    await use(server)
  }, options)

const only = async (server: TestServer, sql: string, name = 'a') => (await server.run(name, [sql])).results[0].response.result.rows[0][0].value
const fileOf = ({directory}: TestServer, name: string) => join(directory, `${name}.db`)

describe('a stream', () => {
  test('is opened by its baton only with the token that it was made with, and only on its own database', () =>
    usingTable(async (server) => {
      const {run, tokenOf} = server
      const [token, other] = [await tokenOf('a', {a: 'rw'}), await tokenOf('a', {a: 'rw', iat: 1})]
      const {baton} = await run('a', ['BEGIN IMMEDIATE', 'INSERT INTO t VALUES (1)'], {token, keep: true})
      const invalid = {status: 400, text: 'Received an invalid baton'}
      expect(await run('a', ['COMMIT'], {token: other, baton})).toEqual(invalid)
      expect(await run('b', ['COMMIT'], {baton})).toEqual(invalid)
      expect(await run('a', ['COMMIT'], {token, baton: `${baton.slice(0, -4)}AAAA`})).toEqual(invalid)
      expect(await run('a', ['COMMIT'], {token, baton})).toMatchObject({status: 200})
      expect(await only(server, 'SELECT count(*) FROM t')).toBe('1')
    }))

  test('ends with the key that its token was signed with, and holds nobody up', () =>
    usingTable(async (server) => {
      const {baton} = await server.run('a', ['BEGIN IMMEDIATE', 'INSERT INTO t VALUES (1)'], {keep: true})
      const entry = await server.registry.access('a')
      await server.registry.rotateSigningKey(entry?.id ?? '')
      const begin = performance.now()
      expect(await server.run('a', ['INSERT INTO t VALUES (2)'])).toMatchObject({results: [{type: 'ok'}, {}]})
      expect(performance.now() - begin).toBeLessThan(4000)
      expect(await server.run('a', ['COMMIT'], {baton})).toMatchObject({status: 400})
      expect(await only(server, 'SELECT count(*) FROM t')).toBe('1')
    }))

  test('leaves none of its PRAGMAs to the next one', () =>
    usingTable(async (server) => {
      await server.run('a', ['PRAGMA foreign_keys = off'])
      expect(await only(server, 'PRAGMA foreign_keys')).toBe('1')
    }))

  test('leaves none of its transactions to the next one', () =>
    usingTable(async (server) => {
      await server.run('a', ['BEGIN', 'INSERT INTO t VALUES (1)'])
      expect(await only(server, 'SELECT count(*) FROM t')).toBe('0')
      expect((await server.run('a', ['ROLLBACK'])).results[0].error.message).toContain('no transaction is active')
    }))
})

describe('other processes on the same files', () => {
  test('a writer waits for another process that is writing, and others do not wait with it', () =>
    usingTable((server) =>
      usingFile(fileOf(server, 'a'), async (client) => {
        const transaction = await client.transaction('write')
        const waiting = server.run('a', ['INSERT INTO t VALUES (1)'])
        expect(await only(server, 'SELECT count(*) FROM t')).toBe('0')
        await transaction.execute('INSERT INTO t VALUES (2)')
        await transaction.commit()
        expect(await waiting).toMatchObject({results: [{type: 'ok'}, {}]})
        expect(await only(server, 'SELECT count(*) FROM t')).toBe('2')
      }),
    ))

  test('a writer gives up on a process that does not let go, and keeps nothing half done', () =>
    usingTable((server) =>
      usingFile(fileOf(server, 'a'), async (client) => {
        const transaction = await client.transaction('write')
        const [alone, inTransaction] = await Promise.all([
          server.run('a', ['INSERT INTO t VALUES (1)']),
          server.run('a', ['BEGIN', 'INSERT INTO t VALUES (1)', 'COMMIT']),
        ])
        expect(alone.results[0]).toMatchObject({error: {code: 'SQLITE_BUSY', message: 'SQLite error: database is locked'}})
        expect(inTransaction.results[1]).toMatchObject({error: {code: 'SQLITE_BUSY'}})
        transaction.close()
        expect((await server.run('a', ['INSERT INTO t VALUES (2)'])).results[0]).toMatchObject({type: 'ok'})
        expect((await client.execute('SELECT x FROM t')).rows.map((row) => row['x'])).toEqual([2])
      }),
    ))

  test('a database that another process deletes is gone, and one that it makes again is another', () =>
    usingTable(async (server) => {
      const {baton} = await server.run('a', ['SELECT 1'], {keep: true})
      const database = await server.platform.getDatabase('a')
      await server.platform.deleteDatabase({name: 'a', id: database?.id ?? ''})
      expect(await server.run('a', ['SELECT 1'], {token: 'x'})).toEqual({status: 404, error: "Namespace `a` doesn't exist"})
      await server.platform.createDatabase('a')
      expect(await only(server, 'SELECT count(*) FROM sqlite_schema')).toBe('0')
      expect(await server.run('a', ['SELECT 1'], {baton})).toEqual({status: 400, text: 'Received an invalid baton'})
    }))

  test('what was committed is soon in the file itself, which people copy', () =>
    usingTable(async (server) => {
      await server.run('a', ["INSERT INTO t VALUES ('find me')"])
      await expect.poll(() => readFileSync(fileOf(server, 'a'), 'latin1'), {timeout: 5000}).toContain('find me')
    }))

  test('what was committed is in the file itself once the server has stopped', async () => {
    let file = ''
    await usingServer(async (server) => {
      await server.platform.createDatabase('a')
      await server.run('a', ['CREATE TABLE t (x)', "INSERT INTO t VALUES ('find me')"])
      await server.stop()
      file = readFileSync(fileOf(server, 'a'), 'latin1')
    })
    expect(file).toContain('find me')
  })
})

describe('a process that runs SQL', () => {
  const monster = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'

  test('is ended with a statement that does not end; other databases go on meanwhile, and so does its own afterwards', () =>
    usingTable(
      async (server) => {
        const stuck = server.run('a', [monster])
        // Two of four databases at the most share the process.
        for (const name of ['c', 'd', 'e', 'f']) await server.platform.createDatabase(name)
        await Promise.any(['b', 'c', 'd', 'e', 'f'].map(async (name) => expect(await only(server, 'SELECT 7', name)).toBe('7')))
        expect(await stuck).toMatchObject({status: 500, error: expect.stringContaining('ran for more than')})
        expect(await only(server, 'SELECT count(*) FROM t')).toBe('0')
      },
      {statementLimitMs: 300},
    ))

  test('may be killed again and again under load: the server lives, and no commit is lost or doubled', () =>
    usingTable(async (server) => {
      let acknowledged = 0
      let isRunning = true
      const writers = Array.from({length: 8}, async () => {
        while (isRunning) acknowledged += (await server.run('a', ['INSERT INTO t VALUES (1)'])).results?.[0].type === 'ok' ? 1 : 0
      })
      for (let round = 0; round < 10; round += 1) {
        await expect.poll(children).not.toEqual([])
        for (const pid of children()) process.kill(pid, 'SIGKILL')
      }
      isRunning = false
      await Promise.all(writers)
      // What was not acknowledged may be there or not.
      expect(Number(await only(server, 'SELECT count(*) FROM t'))).toBeGreaterThanOrEqual(acknowledged)
      expect(await only(server, 'PRAGMA integrity_check')).toBe('ok')
    }))

  test('that is killed is started again, and nothing half done is left', () =>
    usingTable(async (server) => {
      const {baton} = await server.run('a', ['BEGIN IMMEDIATE', 'INSERT INTO t VALUES (1)'], {keep: true})
      for (const pid of children()) process.kill(pid, 'SIGKILL')
      await expect.poll(() => server.run('a', ['SELECT 1'], {baton})).toEqual({status: 400, text: 'Received an invalid baton'})
      expect(await only(server, 'SELECT count(*) FROM t')).toBe('0')
    }))
})

/** The processes that this one has started to run SQL. */
function children(): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('server/sql/process') &&
          readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(process.pid)
        )
      } catch {
        return false
      }
    })
}
