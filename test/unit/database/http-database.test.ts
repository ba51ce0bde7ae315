import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {type AddressInfo, createServer as createSocketServer, type Server, type Socket} from 'node:net'
import {createClient, type ResultSet} from '@libsql/client/http'
import {describe, expect, test} from 'vitest'
import {usingDatabase} from '../../../src/database/connect.ts'
import type {Statement} from '../../../src/database/database.ts'
import {LostReply} from '../../../src/database/lost-reply.ts'
import {openTurso} from '../../helpers/turso-platform.ts'
import {type TursoServer, usingTursoServer} from '../../helpers/turso-server.ts'

const limits = {connectMs: 300, answerMs: 500, outageMs: 1000}
const sql = (text: string, args: Statement['args'] = []): Statement => ({sql: text, args})

/** Lends a database on a server of its own. */
const usingTurso = (use: (connection: {name: string; url: string}, server: TursoServer) => Promise<void>) =>
  usingTursoServer(async (server) => {
    const {database} = await openTurso(server).createDatabase('stage-a')
    server.requests.length = 0
    await use({name: database.name, url: database.url}, server)
  })

/** Lends a server that listens; `url` is a database's on it. */
async function usingServer(server: Server, use: (url: string) => Promise<void>): Promise<void> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/dev/stage-a`)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

const answering = (answer: (body: string, request: IncomingMessage) => object) =>
  createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const body = (await request.setEncoding('utf8').toArray()).join('')
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer(body, request)))
  })
const empty = {cols: [], rows: [], affected_row_count: 0, last_insert_rowid: null}
const done = (steps: number) => ({
  results: [{type: 'ok', response: {type: 'batch', result: {step_results: Array(steps).fill(empty), step_errors: Array(steps).fill(null)}}}],
})

/** All that can be seen of a result. */
const seen = ({columns, columnTypes, rows, rowsAffected, lastInsertRowid}: ResultSet) => ({
  columns,
  columnTypes,
  rows: rows.map((row) => ({named: Object.entries(row).map(([name, value]) => [name, bytes(value)]), all: Array.from(row, bytes)})),
  rowsAffected,
  lastInsertRowid,
})
const bytes = (value: unknown) => (value instanceof ArrayBuffer ? Buffer.from(value).toString('hex') : value)

describe("a result is what libSQL's own client gives", () => {
  test.for<[string, Statement]>([
    ['for every type of value', sql('SELECT ?, ?, ?, ?, ?, ?, ?', [null, 1, 1.5, -0.25, 'नमस्ते 😀 "\\\n', '', 2 ** 40])],
    ['for bytes', sql('SELECT ?, ?, ?, ?', [new Uint8Array([0, 255, 7]), new Uint8Array([9, 8, 7, 6]).subarray(1, 3), new ArrayBuffer(2), new Uint8Array(0)])],
    ['for integers, booleans and dates', sql('SELECT ?, ?, ?, ?, 7, 9007199254740991', [5n, -(2n ** 53n) + 1n, true, new Date(1_700_000_000_123)])],
    ['for arguments by name', sql('SELECT :a AS a, @b AS b, $c AS c', {':a': 'x', '@b': 2, $c: null})],
    ['for columns of one name, and of none', sql('SELECT 1 AS x, 2 AS x, 3')],
    ['for typed columns and several rows', sql('SELECT * FROM t ORDER BY id')],
    ['for no rows', sql('SELECT * FROM t WHERE id > 100')],
    ['for a change', sql("UPDATE t SET name = 'z'")],
    ['for an insertion', sql('INSERT INTO t (name) VALUES (?) RETURNING id', ['y'])],
  ])('%s', ([, statement]) =>
    usingTurso(async (connection) => {
      const client = createClient({url: `${connection.url}/`})
      await client.batch(['CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, price REAL)', "INSERT INTO t VALUES (1, 'a', 0.5), (2, 'b', NULL)"])
      const theirs = (await client.batch([statement, 'SELECT 1'])).slice(0, 1)
      await client.batch(["DELETE FROM t WHERE name = 'y'"])
      const ours = await usingDatabase(connection, (database) => database.migrate([statement]))
      client.close()
      expect(ours.map(seen)).toEqual(theirs.map(seen))
    }),
  )

  test('for errors, too', () =>
    usingTurso(async (connection) => {
      const client = createClient({url: `${connection.url}/`})
      for (const statement of [sql('SELECT 9007199254740993'), sql('SELECT * FROM nowhere'), sql('SELEC'), sql('SELECT ?')]) {
        const errorOf = (work: Promise<unknown>) => work.then(String, ({name, code}) => ({isRange: name === 'RangeError', code}))
        const theirs = await errorOf(client.batch([statement, 'SELECT 1'], 'read'))
        expect(await errorOf(usingDatabase(connection, (database) => database.read([statement, sql('SELECT 1')])))).toEqual(theirs)
      }
      client.close()
    }))
})

describe('the connection of a database', () => {
  test('serves all its requests, and is closed with it', async () => {
    let open = 0
    let opened = 0
    const server = answering(() => done(1)).on('connection', (socket: Socket) => {
      opened += 1
      open += 1
      socket.once('close', () => {
        open -= 1
      })
    })
    await usingServer(server, async (url) => {
      await usingDatabase({name: 'stage-a', url}, async (database) => {
        await database.read([sql('SELECT 1')])
        await database.read([sql('SELECT 2')])
        expect([opened, open]).toEqual([1, 1])
      })
      await expect.poll(() => open).toBe(0)
    })
  })

  test('that is never made is given up, tried again, and told: nothing was sent', async () => {
    let attempts = 0
    // Takes connections, but does not speak TLS.
    const silent = createSocketServer(() => {
      attempts += 1
    })
    await usingServer(silent, async (url) => {
      const work = usingDatabase({name: 'stage-a', url: url.replace('http:', 'https:')}, (database) => database.migrate([sql('SELECT 1')]), {limits})
      await expect(work).rejects.toMatchObject({code: 'DATABASE_UNREACHABLE', message: expect.stringMatching(/there is no way to it \(CONNECT_TIMEOUT\)/)})
      expect(attempts).toBeGreaterThan(1)
    })
  })

  test.for([
    ['is cut', (socket: Socket) => socket.end()],
    ['stops', () => undefined],
  ] as const)('that %s in the middle of an answer loses the reply', async ([, stop]) => {
    const server = createSocketServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"results":')
        stop(socket)
      })
    })
    await usingServer(server, async (url) => {
      const work = usingDatabase({name: 'stage-a', url}, (database) => expect(database.migrate([sql('SELECT 1')])).rejects.toBeInstanceOf(LostReply), {limits})
      await work
    })
  })
})

describe('an answer in another form loses the reply', () => {
  const badly = (result: unknown) => ({results: [{type: 'ok', response: {result: {step_results: Array(6).fill(result), step_errors: []}}}]})
  test.for<[string, unknown]>([
    ['no error where there should be one', {results: [{type: 'error'}]}],
    ['a result that is none', badly(1)],
    ['no columns', badly({...empty, cols: null})],
    ['a row that is none', badly({...empty, rows: [null]})],
    ['an id that is no number', badly({...empty, last_insert_rowid: 'x'})],
  ])('%s', async ([, answer]) => {
    await usingServer(
      answering(() => answer as object),
      (url) =>
        usingDatabase({name: 'stage-a', url}, async (database) => {
          await expect(database.migrate([sql('SELECT 1')])).rejects.toBeInstanceOf(LostReply)
        }),
    )
  })

  test('one without an end', async () => {
    const server = createServer((_, response) => {
      const part = ' '.repeat(2 ** 20)
      const write = () => !response.destroyed && response.write(part, write)
      write()
    })
    await usingServer(server, async (url) => {
      const work = usingDatabase({name: 'stage-a', url}, (database) => database.migrate([sql('SELECT 1')]))
      await expect(work).rejects.toMatchObject({code: 'DATABASE_UNREACHABLE', message: expect.stringContaining('ANSWER_TOO_LONG')})
    })
  })

  test('another protocol', async () => {
    const server = createSocketServer((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'))
    })
    await usingServer(server, async (url) => {
      const work = usingDatabase({name: 'stage-a', url}, (database) => database.migrate([sql('SELECT 1')]), {limits})
      await expect(work).rejects.toMatchObject({code: 'DATABASE_UNREACHABLE', message: expect.stringContaining('HTTP 101')})
    })
  })
})

describe('a transaction', () => {
  test.for<[string, object]>([
    ['ends its stream', {}],
    ['names a place that is none', {baton: 'b', base_url: 'nowhere'}],
    ['names a place by a number', {baton: 'b', base_url: 5}],
  ])('does not go on where the server %s', async ([, over]) => {
    const sent: string[] = []
    const server = answering((body) => {
      sent.push(body)
      return {...done(JSON.parse(body).requests[0].batch.steps.length), ...over}
    })
    await usingServer(server, async (url) => {
      const work = usingDatabase({name: 'stage-a', url}, (database) =>
        database.transaction(async (transaction) => {
          await transaction.execute('INSERT INTO t VALUES (1)').catch(() => undefined)
          await transaction.execute('INSERT INTO t VALUES (2)')
        }),
      )
      await expect(work).rejects.toMatchObject({code: 'DATABASE_UNREACHABLE'})
    })
    expect(sent).toHaveLength(1)
  })

  test('goes on where the server says', async () => {
    const sent: string[] = []
    const server = answering((body, {url = ''}) => {
      const {baton, requests} = JSON.parse(body)
      sent.push(`${url} ${baton}`)
      return {
        ...done(requests[0].batch.steps.length),
        baton: `b${sent.length}`,
        base_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/elsewhere`,
      }
    })
    await usingServer(server, (url) =>
      usingDatabase({name: 'stage-a', url}, (database) =>
        database.transaction(async (transaction) => {
          await transaction.execute('SELECT 1')
          await transaction.execute('SELECT 2')
        }),
      ),
    )
    expect(sent).toEqual(['/dev/stage-a/v2/pipeline null', '/elsewhere/v2/pipeline b1', '/elsewhere/v2/pipeline b2'])
  })

  test('takes its statements in turn, also where nobody waits for them', () =>
    usingTurso(async (connection, {requests}) => {
      await usingDatabase(connection, async (database) => {
        await database.transaction(async (transaction) => {
          const statements = ['CREATE TABLE t (x)', 'INSERT INTO t VALUES (1)', 'INSERT INTO t VALUES (2)']
          await Promise.all(statements.map((statement) => transaction.execute(statement)))
        })
        expect((await database.read([sql('SELECT count(*) AS n FROM t')]))[0]?.rows[0]?.['n']).toBe(2)
      })
      expect(requests).toHaveLength(5)
    }))

  test('that has lost a reply is over, also for who takes no notice', () =>
    usingTurso(async (connection, server) => {
      const work = usingDatabase(connection, (database) =>
        database.transaction(async (transaction) => {
          server.faults.push({match: /pipeline/, fail: 'lose'})
          await transaction.execute('CREATE TABLE lost (x)').catch(() => undefined)
          await transaction.execute('CREATE TABLE t (x)').catch(() => undefined)
        }),
      )
      await expect(work).rejects.toMatchObject({code: 'DATABASE_UNREACHABLE'})
      expect(server.requests).toHaveLength(1)
      expect(server.databases.get('stage-a')?.sql.rows('SELECT name FROM sqlite_schema')).toEqual([])
    }))

  test('that cannot begin does nothing', () =>
    usingTurso(async (connection, server) => {
      const served = server.databases.get('stage-a')
      if (served) served.sql.blocked = {code: 'SQLITE_BUSY', message: 'database is locked'}
      const work = usingDatabase(connection, (database) =>
        database.transaction(async (transaction) => {
          await transaction.execute('CREATE TABLE t (x)')
        }),
      )
      await expect(work).rejects.toMatchObject({code: 'DATABASE_BUSY'})
    }))
})
