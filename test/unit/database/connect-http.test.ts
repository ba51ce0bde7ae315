import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {usingDatabase} from '../../../src/database/connect.ts'
import {inspectDatabase} from '../../../src/database/inspect.ts'
import {LostReply} from '../../../src/database/lost-reply.ts'
import {exitCodes, type StratError} from '../../../src/errors.ts'
import {openTurso} from '../../helpers/turso-platform.ts'
import {type TursoServer, usingTursoServer} from '../../helpers/turso-server.ts'

const limits = {answerMs: 300, outageMs: 3000, rateLimitMs: 3000, readyMs: 5000}
type Use = Parameters<typeof usingDatabase>[1]
type Connection = Parameters<typeof usingDatabase>[0]

/** A test with a database `stage-a` on a server of its own; `use` opens it. */
const on = (
  title: string,
  run: (server: TursoServer, use: <T>(use: (database: Parameters<Use>[0]) => Promise<T>, connection?: Partial<Connection>) => Promise<T>) => Promise<void>,
) =>
  test(title, () =>
    usingTursoServer(async (server) => {
      const platform = openTurso(server)
      const {database} = await platform.createDatabase('stage-a')
      const {isNew, ...connection} = await platform.connect(database)
      server.requests.length = 0
      await run(server, (use, other) => usingDatabase({...connection, ...other}, use, {limits}))
    }),
  )

const sql = (text: string, ...args: string[]) => ({sql: text, args})
const makeTable = sql('CREATE TABLE t (x UNIQUE)')
const pipeline = 'POST /dev/stage-a/v2/pipeline'
const errorOf = (work: Promise<unknown>): Promise<StratError> =>
  work.then(
    () => expect.unreachable('It did not fail.'),
    (error) => error,
  )

/** What nobody caught would end the process. */
const uncaught: unknown[] = []
const note = (error: unknown) => uncaught.push(error)
beforeEach(() => void process.on('unhandledRejection', note))
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', note)
  expect(uncaught.splice(0)).toEqual([])
})

describe('a database over HTTP', () => {
  on('is written and read in one request each, below the path of its URL', async (server, use) => {
    await use(async (database) => {
      await database.migrate([makeTable, sql('INSERT INTO t VALUES (?)', 'one'), sql('INSERT INTO t VALUES (?)', 'two')])
      expect((await database.read([sql('SELECT x FROM t ORDER BY x')]))[0]?.rows.map(({x}) => x)).toEqual(['one', 'two'])
      const [first, second] = await database.read([sql('SELECT 1 AS a'), sql('SELECT count(*) AS n FROM t')])
      expect([first?.rows[0]?.['a'], second?.rows[0]?.['n']]).toEqual([1, 2])
      expect(database.requests).toBe(3)
    })
    expect(server.requests).toEqual([pipeline, pipeline, pipeline])
  })

  on('keeps all of a failed migration back, and says which statement it was', async (_, use) => {
    await use(async (database) => {
      await expect(database.migrate([makeTable, sql('INSERT INTO t VALUES (1)'), sql('INSERT INTO t VALUES (1)')])).rejects.toMatchObject({
        code: 'SQLITE_CONSTRAINT',
        statementIndex: 2,
      })
      expect(await inspectDatabase(database)).toMatchObject({schema: [], marker: undefined})
    })
  })

  on('has transactions, one request a statement and one for the commit', async (_, use) => {
    await use(async (database) => {
      await database.transaction(async (transaction) => {
        await transaction.execute(makeTable)
        await transaction.execute(sql('INSERT INTO t VALUES (1)'))
      })
      expect(database.requests).toBe(3)
      expect((await database.read([sql('SELECT x FROM t')]))[0]?.rows).toHaveLength(1)
    })
  })

  on('gives the lock back at once when a transaction fails', async (server, use) => {
    await use(async (database) => {
      const failing = database.transaction(async (transaction) => {
        await transaction.execute(makeTable)
        throw new Error('stop')
      })
      await expect(failing).rejects.toThrow('stop')
      expect(server.databases.get('stage-a')?.sql.isLocked).toBe(false)
      expect((await inspectDatabase(database)).schema).toEqual([])
    })
  })
})

describe('a new host', () => {
  on('is waited for by the first request, which is not doubled', async (server, use) => {
    server.faults.push({match: /pipeline/, times: 4, respond: {status: 404, body: {error: "Namespace `stage-a` doesn't exist"}}})
    await use(
      async (database) => {
        await database.migrate([makeTable])
        expect(database.requests).toBe(5)
      },
      {isNew: true},
    )
  })

  on('that never answers is given up, and the way on is named', async (server) => {
    server.faults.push({match: /pipeline/, times: 99, respond: {status: 404}})
    const error = await errorOf(
      usingDatabase({name: 'stage-a', url: `${server.url}/dev/stage-a`, isNew: true}, (database) => database.migrate([makeTable]), {
        limits: {...limits, readyMs: 500},
      }),
    )
    expect(error).toMatchObject({code: 'DATABASE_NOT_READY', suggestions: [expect.stringContaining('goes on')]})
  })

  on('that answered once is not waited for again; neither is an old one', async (server, use) => {
    await use(
      async (database) => {
        await database.migrate([makeTable])
        server.databases.clear()
        await expect(database.read([sql('SELECT 1')])).rejects.toMatchObject({code: 'DATABASE_NOT_FOUND'})
        expect(database.requests).toBe(2)
      },
      {isNew: true},
    )
    await expect(use((database) => database.read([sql('SELECT 1')]))).rejects.toMatchObject({code: 'DATABASE_NOT_FOUND'})
  })
})

describe('what was certainly not executed is sent again', () => {
  test.for([
    [429, {'retry-after': '1'}],
    [503, {'retry-after': '1'}],
  ] as const)('after HTTP %i with Retry-After', ([status, headers]) =>
    usingTursoServer(async (server) => {
      const {database} = await openTurso(server).createDatabase('stage-a')
      server.faults.push({match: /pipeline/, respond: {status, headers}})
      const start = performance.now()
      await usingDatabase(database, (opened) => opened.migrate([makeTable]), {limits})
      expect(performance.now() - start).toBeGreaterThan(900)
    }),
  )

  test('and whoever sets the pace hears of each such answer; a plain 503 is none', () =>
    usingTursoServer(async (server) => {
      const {database} = await openTurso(server).createDatabase('stage-a')
      const answers = [{status: 429}, {status: 429, headers: {'retry-after': '1'}}, {status: 503, headers: {'retry-after': '1'}}, {status: 503}]
      server.faults.push(...answers.map((respond) => ({match: /pipeline/, respond})))
      const heard: number[] = []
      await usingDatabase(database, (opened) => opened.read([sql('SELECT 1')]), {limits, onRateLimit: (retryAfterMs) => heard.push(retryAfterMs)})
      expect(heard).toEqual([0, 1000, 1000])
    }))

  on('but not for ever', async (server, use) => {
    server.faults.push({match: /pipeline/, times: 99, respond: {status: 429, headers: {'retry-after': '3600'}}})
    await expect(use((database) => database.migrate([makeTable]))).rejects.toMatchObject({code: 'TURSO_RATE_LIMITED'})
    expect(server.requests).toHaveLength(1)
  })
})

describe('what may have been executed', () => {
  test.for<[string, object]>([
    ['its reply is lost', {fail: 'lose'}],
    ['it is never answered', {fail: 'hang'}],
    ['it is answered with HTTP 502', {respond: {status: 502, body: '<html>'}}],
    ['it is answered with HTTP 503', {respond: {status: 503}}],
    ['it is answered with HTML', {respond: {status: 200, body: '<html>'}}],
    ['it is answered with nothing', {respond: {status: 200}}],
    ['it is answered with other JSON', {respond: {status: 200, body: {ok: true}}}],
    ['it is redirected', {respond: {status: 307, headers: {location: '/elsewhere'}}}],
  ])('is not sent again when %s: a lost reply inside, an unreachable host outside', ([, fault]) =>
    usingTursoServer(async (server) => {
      const {database} = await openTurso(server).createDatabase('stage-a')
      server.requests.length = 0
      server.faults.push({match: /pipeline/, times: 99, ...fault} as never)
      let inside: unknown
      const work = usingDatabase(
        database,
        (opened) =>
          opened.migrate([makeTable]).catch((error) => {
            inside = error
            throw error
          }),
        {limits},
      )
      const error = await errorOf(work)
      expect(inside).toBeInstanceOf(LostReply)
      expect(error).toMatchObject({code: 'DATABASE_UNREACHABLE', message: expect.stringContaining('The host of stage-a cannot be used: ')})
      expect(server.requests).toEqual([pipeline])
    }),
  )

  on('is read again, because reading twice does no harm', async (server, use) => {
    server.faults.push({match: /pipeline/, fail: 'lose'}, {match: /pipeline/, respond: {status: 502}})
    expect((await use((database) => database.read([sql('SELECT 7 AS x')])))[0]?.rows[0]?.['x']).toBe(7)
    expect(server.requests).toHaveLength(3)
  })
})

describe('a database that lets nobody in', () => {
  const json = (status: number, error: string) => ({status, body: {error}})
  test.for<[string, object, keyof typeof exitCodes, number, RegExp]>([
    ['a refused token', json(401, 'Unauthorized: `The JWT has expired`'), 'DATABASE_TOKEN_REFUSED', 4, /The JWT has expired/],
    ['a malformed token, on Turso', {status: 400, body: 'JWT error: InvalidToken'}, 'DATABASE_TOKEN_REFUSED', 4, /InvalidToken/],
    ['a token that may not write', json(403, 'Authorization forbidden: no Write permission'), 'DATABASE_FORBIDDEN', 1, /no Write permission/],
    ['a refusal in HTML', {status: 403, body: '<html>no</html>'}, 'DATABASE_FORBIDDEN', 1, /\(HTTP 403\)/],
    ['a request that is too large', {status: 413, body: 'body too large'}, 'DATABASE_REFUSED', 1, /body too large/],
    ['a refusal that quotes a token', json(401, 'bad eyJhbGciOi.hunter2.hunter2'), 'DATABASE_TOKEN_REFUSED', 4, /\(HTTP 401\)/],
  ])('%s', ([, respond, code, exit, message]) =>
    usingTursoServer(async (server) => {
      const {database} = await openTurso(server).createDatabase('stage-a')
      server.faults.push({match: /pipeline/, times: 99, respond} as never)
      for (const call of [inspectDatabase, (opened: Parameters<Use>[0]): Promise<unknown> => opened.migrate([makeTable])]) {
        const error = await errorOf(usingDatabase(database, (opened) => call(opened), {limits}))
        expect(error).toMatchObject({code, message: expect.stringMatching(message)})
        expect(exitCodes[error.code]).toBe(exit)
        expect(error.message).not.toContain('hunter2')
      }
    }),
  )

  test.for([
    ['BLOCKED', 'Operation was blocked: quota "month" spent', 'DATABASE_BLOCKED'],
    ['SQLITE_AUTH', 'not authorized', 'DATABASE_FORBIDDEN'],
  ] as const)('%s in an answer of HTTP 200, for the pragma of a migration, too', ([code, message, expected]) =>
    usingTursoServer(async (server) => {
      const {database} = await openTurso(server).createDatabase('stage-a')
      const served = server.databases.get('stage-a')
      if (served) served.sql.blocked = {code, message}
      await expect(usingDatabase(database, (opened) => opened.migrate([makeTable]), {limits})).rejects.toMatchObject({code: expected})
      const transaction = usingDatabase(database, (opened) => opened.transaction((lent) => lent.execute(makeTable)), {limits})
      await expect(transaction).rejects.toMatchObject({code: expected})
    }),
  )

  test.for([
    {status: 400, body: {message: 'not with secret-of-mine', code: 'SQL_X'}},
    {status: 200, body: {results: [{type: 'error', error: {message: 'not with secret-of-mine', code: 'SQLITE_ERROR'}}]}},
  ])('never gets to tell the token that it was sent (HTTP $status)', (respond) =>
    usingTursoServer(async (server) => {
      const {database} = await openTurso(server).createDatabase('stage-a')
      server.faults.push({match: /pipeline/, respond})
      const error = await errorOf(usingDatabase({...database, authToken: 'secret-of-mine'}, (opened) => opened.migrate([makeTable]), {limits}))
      expect(error.message).toMatch(/: not with …$/)
    }),
  )

  on('is not found in a value that looks so', async (_, use) => {
    const value = '{"message":"x","code":"BLOCKED"}'
    const [result] = await use((database) => database.read([sql('SELECT ? AS x', value)]))
    expect(result?.rows[0]?.['x']).toBe(value)
  })

  on('because somebody else took its lock is busy', async (server, use) => {
    const served = server.databases.get('stage-a')
    if (served) served.sql.blocked = {code: 'TRANSACTION_TIMEOUT', message: 'Transaction timed-out'}
    await expect(use((database) => database.transaction((transaction) => transaction.execute(makeTable)))).rejects.toMatchObject({code: 'DATABASE_BUSY'})
    server.faults.push({match: /pipeline/, respond: {status: 400, body: {message: 'The stream has expired', code: 'STREAM_EXPIRED'}}})
    await expect(use((database) => database.transaction((transaction) => transaction.execute(makeTable)))).rejects.toMatchObject({code: 'DATABASE_BUSY'})
  })

  test('and a host that does not exist are told', async () => {
    const connection = {name: 'stage-a', url: `https://${'a'.repeat(64)}.invalid`, authToken: 'x'}
    await expect(usingDatabase(connection, inspectDatabase, {limits})).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
      message: expect.stringContaining('does not resolve'),
    })
  })
})
