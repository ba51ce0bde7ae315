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
