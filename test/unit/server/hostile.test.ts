import {request} from 'node:http'
import {describe, expect, test} from 'vitest'
import {type TestServer, usingServer} from '../../helpers/server.ts'

/** Lends a server with the database `a` in it, and looks afterwards whether it still answers. */
const attack = (use: (server: TestServer) => Promise<void>) =>
  usingServer(async (server) => {
    await server.platform.createDatabase('a')
    await use(server)
    expect(await server.run('a', ['SELECT 42'])).toMatchObject({status: 200, results: [{type: 'ok', response: {result: {rows: [[{value: '42'}]]}}}, {}]})
  })

/** A request with headers that `fetch` does not let one set. */
function raw(url: string, headers: Record<string, string>, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, {method, headers}, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
    })
      .on('error', reject)
      .end()
  })
}

const code = (answer: {results: {error?: {code: string}}[]}) => answer.results[0]?.error?.code

describe('a hostile client gets a refusal, and the server lives on', () => {
  test('a body of more than 16 MB', () =>
    attack(async ({send}) => {
      expect((await send('a', '/v2/pipeline', {text: 'x'.repeat(17 * 1024 * 1024)})).status).toBe(413)
    }))

  test.each(['', '{', '[]', '"x"', 'null', '{"requests": 1}', '{"requests": [1]}', '{"requests": [{"type": "execute"}]}', '['.repeat(100_000)])(
    '%.40s',
    (text) =>
      attack(async ({send}) => {
        const response = await send('a', '/v2/pipeline', {text})
        expect([response.status, await response.text()]).toEqual([400, expect.stringMatching(/^Cannot deserialize client message from JSON: /)])
      }),
  )

  test('conditions in conditions in conditions', () =>
    attack(async ({send}) => {
      const condition = `${'{"type":"not","cond":'.repeat(50_000)}{"type":"ok","step":0}${'}'.repeat(50_000)}`
      const response = await send('a', '/v2/pipeline', {
        text: `{"requests":[{"type":"batch","batch":{"steps":[{"stmt":{"sql":"SELECT 1"},"condition":${condition}}]}}]}`,
      })
      expect(response.status).toBe(400)
    }))

  test.each(['PUT', 'DELETE', 'PATCH', 'GET'])('%s on the pipeline', (method) =>
    attack(async ({send}) => {
      expect((await send('a', '/v2/pipeline', {method, text: 'x'})).status).toBe(405)
    }),
  )

  test('monstrous SQL', () =>
    attack(async ({run}) => {
      const monsters = [
        `SELECT ${Array(32_766).fill('1').join('+')}`,
        `SELECT ${'('.repeat(20_000)}1${')'.repeat(20_000)}`,
        `SELECT ${Array(5000).fill('1').join(',')}`,
        Array(2000).fill('SELECT 1').join(' UNION ALL '),
        `SELECT '${'x'.repeat(12_000_000)}'`,
        `CREATE TABLE t (${Array(5000)
          .fill(0)
          .map((_, index) => `c${index}`)
          .join(',')})`,
      ]
      for (const sql of monsters) expect((await run('a', [sql])).results[0]).toMatchObject({type: 'error'})
    }))

  test('answers and values past the limits', () =>
    attack(async ({run}) => {
      const numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)'
      expect(code(await run('a', [`${numbers} SELECT i FROM n`]))).toBe('RESPONSE_TOO_LARGE')
      expect(code(await run('a', ['SELECT hex(zeroblob(12000000))']))).toBe('SQLITE_TOOBIG')
      const big = {type: 'execute', stmt: {sql: 'SELECT length(?)', args: [{type: 'text', value: 'x'.repeat(5_000_001)}]}}
      expect(code(await run('a', [big]))).toBe('ARGS_INVALID')
      const most = {type: 'execute', stmt: {sql: 'SELECT length(?)', args: [{type: 'text', value: 'x'.repeat(5_000_000)}]}}
      expect((await run('a', [most])).results[0]).toMatchObject({type: 'ok'})
    }))

  test('blobs that are no text, wherever they stand', () =>
    attack(async ({run}) => {
      await run('a', ["CREATE TABLE t (id INTEGER PRIMARY KEY, x DEFAULT x'ff')"])
      for (const sql of ["INSERT INTO t (x) VALUES (x'fe')", 'INSERT INTO t DEFAULT VALUES', "SELECT x'ff'", "SELECT * FROM t WHERE x = x'ff'"]) {
        expect([sql, (await run('a', [sql])).results?.[0].type]).toEqual([sql, 'ok'])
      }
      expect(code(await run('a', ["EXPLAIN SELECT x'ff'"]))).toBe('SQLITE_UNKNOWN')
    }))

  test('text that is no UTF-8 costs one answer, and hides nothing', () =>
    attack(async ({run}) => {
      await run('a', ['CREATE TABLE t (id, x)', "INSERT INTO t VALUES (1, 'one'), (2, CAST(x'ff' AS TEXT)), (3, 1.5)"])
      expect(await run('a', ['SELECT * FROM t'])).toMatchObject({status: 500})
      expect(code(await run('a', ['SELECT * FROM t']))).toBe('SQLITE_MISMATCH')
      const {results} = await run('a', [
        'SELECT id, CAST(x AS BLOB) AS x FROM t WHERE id = 2',
        "SELECT id, x, NULL, 7, x'ff', 'a' || char(0) || 'b' FROM t WHERE id <> 2 ORDER BY id DESC",
      ])
      expect(results[0].response.result).toMatchObject({cols: [{name: 'id'}, {name: 'x'}], rows: [[{value: '2'}, {type: 'blob', base64: '/w'}]]})
      const rest = [{type: 'null'}, {type: 'integer', value: '7'}, {type: 'blob', base64: '/w'}, {type: 'text', value: 'a\0b'}]
      expect(results[1].response.result.rows).toEqual([
        [{type: 'integer', value: '3'}, {type: 'float', value: 1.5}, ...rest],
        [{type: 'integer', value: '1'}, {type: 'text', value: 'one'}, ...rest],
      ])
    }))

  test('functions that reach into files, whatever white space is in between', () =>
    attack(async ({run}) => {
      for (const sql of [
        "SELECT readfile('/etc/hostname')",
        "SELECT readfile \v('/etc/hostname')",
        "SELECT writefile \n\v('/tmp/x', 'x')",
        'SELECT * FROM fsdir("/")',
      ]) {
        expect([sql, code(await run('a', [sql]))]).toEqual([sql, 'SQLITE_AUTH'])
      }
      expect(code(await run('a', ['CREATE \vTEMP TABLE c (x)']))).toBe('SQL_PARSE_ERROR')
    }))

  test('a PRAGMA that is only described changes nothing for others', () =>
    attack(async ({run}) => {
      await run('a', [{type: 'describe', sql: 'PRAGMA foreign_keys = OFF'}])
      expect((await run('a', ['PRAGMA foreign_keys'])).results[0].response.result.rows).toEqual([[{type: 'integer', value: '1'}]])
    }))

  test('more streams left open than a database may have', () =>
    attack(async ({run}) => {
      const statuses = await Promise.all(Array.from({length: 130}, async () => (await run('a', ['SELECT 1'], {keep: true})).status))
      expect(statuses.filter((status) => status === 429)).toHaveLength(2)
    }))

  test('a query that was cut short keeps nothing locked', () =>
    attack(async ({run}) => {
      await run('a', ['CREATE TABLE t (x)', 'INSERT INTO t SELECT hex(zeroblob(5000)) FROM generate_series(1, 3000)'])
      expect(code(await run('a', ['SELECT * FROM t']))).toBe('RESPONSE_TOO_LARGE')
      expect((await run('a', ['DROP TABLE t'])).results[0]).toMatchObject({type: 'ok'})
    }))

  test.each(['..', '%2e%2e', '..%2f..%2fetc', 'a%2f..%2fa', '%00', 'A', 'a%00', '.strat', 'platform.sqlite', '__proto__', 'x'.repeat(500), '%ff', 'ä'])(
    'a database called %s',
    (name) =>
      attack(async ({url}) => {
        const response = await fetch(`${url}/dev/${name}/v2/pipeline`, {method: 'POST', body: '{"requests":[]}'})
        expect([400, 404]).toContain(response.status)
      }),
  )

  test.each([
    ['evil.example', undefined],
    ['127.0.0.1.evil.example', undefined],
    ['localhost.evil.example:80', undefined],
    ['127.0.0.1', 'http://evil.example'],
    ['localhost', 'null'],
    ['127.0.0.1:1', 'http://127.0.0.1.evil.example'],
  ])('a request to host %j from origin %j, as a page on the web can make a browser send it', (host, origin) =>
    attack(async ({url}) => {
      for (const path of ['/', '/health', '/v1/organizations', '/dev/a/v2', '/_faults']) {
        expect([path, await raw(url + path, {host, ...(origin !== undefined && {origin})})]).toEqual([path, 403])
      }
    }),
  )

  test.each(['127.0.0.1:8080', 'localhost', '[::1]:80', 'a.localhost:1'])('but a request to host %s is answered', (host) =>
    attack(async ({url}) => {
      expect(await raw(`${url}/health`, {host, origin: `http://${host}`})).toBe(200)
    }),
  )
})
