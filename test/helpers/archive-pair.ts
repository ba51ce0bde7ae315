import {randomUUID} from 'node:crypto'
import {copyFile, mkdtemp} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import type {LoggedTrade} from '../../src/archive/logged-trade.ts'
import type {ClosedRun, ClosedSelection} from '../../src/archive/pieces.ts'
import {usingDatabase} from '../../src/database/connect.ts'
import type {Database} from '../../src/database/database.ts'
import {emptyState} from '../../src/database/inspect.ts'
import {applyMigrations} from '../../src/migrator/apply.ts'
import {recordingsIn} from '../../src/migrator/recordings.ts'
import {openLibsql} from '../../src/server/sql/libsql.ts'
import {execute} from './database.ts'
import {ServedDatabase} from './served-database.ts'
import {projectRoot} from './strat.ts'
import {type TursoServer, usingTursoServer} from './turso-server.ts'

/** A strategy's database or an archive, behind SQL over HTTP: its file, and what its server has counted. */
export type Served = {name: string; file: string; url: string; read: number; written: number}

export type Pair = {server: TursoServer; source: Served; archive: Served}

/** The tables as the migrations make them, once for all tests of a process. */
const templates = new Map<string, Promise<string>>()

async function makeTemplate(kind: 'strategy' | 'archive'): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'strat-test-')), `${kind}.db`)
  await execute(file, 'PRAGMA journal_mode = DELETE')
  const recordings = await recordingsIn(join(projectRoot, 'migrations'), {trusted: true})(kind)
  await usingDatabase({name: kind, url: pathToFileURL(file).href}, (database) =>
    applyMigrations(database, {state: emptyState, recordings, run: {id: 'test', stratVersion: '0.0.0'}}),
  )
  await execute(file, 'PRAGMA journal_mode = DELETE')
  return file
}

/** Adds a database to a server, with the tables of its kind. */
export async function serveDatabase(server: TursoServer, name: string, kind: 'strategy' | 'archive'): Promise<Served> {
  const template = templates.get(kind) ?? makeTemplate(kind)
  templates.set(kind, template)
  const id = randomUUID()
  const file = join(server.folder, `${id}.db`)
  await copyFile(await template, file)
  const url = `${server.url}/dev/${name}`
  const served: Served = {name, file, url, read: 0, written: 0}
  const sql = new ServedDatabase(file)
  const answer = sql.answer.bind(sql)
  sql.answer = async (body) => {
    const answered = await answer(body)
    for (const [, read] of answered.body.matchAll(/"rows_read":(\d+)/g)) served.read += Number(read)
    for (const [, written] of answered.body.matchAll(/"rows_written":(\d+)/g)) served.written += Number(written)
    return answered
  }
  server.databases.set(name, {Name: name, DbId: id, Hostname: url, group: 'default', delete_protection: false, block_writes: false, sql})
  return served
}

/** Lends a strategy's database and an archive, on a server of their own. */
export const usingPair = (use: (pair: Pair) => Promise<void>): Promise<void> =>
  usingTursoServer(async (server) =>
    use({server, source: await serveDatabase(server, 'stage-condor', 'strategy'), archive: await serveDatabase(server, 'archive', 'archive')}),
  )

/** Opens both as strat does. */
export const opening = <T>({source, archive}: Pair, use: (source: Database, archive: Database) => Promise<T>): Promise<T> => {
  const options = {limits: {outageMs: 1500}}
  return usingDatabase({...archive}, (opened) => usingDatabase({...source}, (other) => use(other, opened), options), options)
}

/** Runs a statement on a database's file at once, as a bot on another connection, and returns how many rows it changed. */
export function write({file}: Served, sql: string, args: (string | number | null)[] = []): number {
  const database = openLibsql(file)
  try {
    database.exec('PRAGMA busy_timeout = 5000')
    return Number((database.prepare(sql).run(args) as {changes: number | bigint}).changes)
  } finally {
    database.close()
  }
}

/** The rows of a query on a database's file. */
export const rowsIn = ({server}: Pair, {name}: Served, sql: string) => server.databases.get(name)?.sql.rows(sql) as Record<string, unknown>[]

/** Trades in the order of the table's columns. */
export type Trade = [
  id: string,
  timestamp: string | number | null,
  symbol: string,
  action: string,
  quantity: number,
  price: number,
  reason: string,
  pnl: number | null,
]

/** Inserts trades, as the bot does. */
export function insertTrades(served: Served, trades: Trade[]): void {
  const database = openLibsql(served.file)
  try {
    database.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE')
    const insert = database.prepare('INSERT INTO trade_logs VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    for (const trade of trades) insert.run(trade)
    database.exec('COMMIT')
  } finally {
    database.close()
  }
}

/** A round trip of two legs that is closed: four trades, an hour from the first to the last. */
export function roundTrip(symbol: string, day: string, index = 0): Trade[] {
  const id = (leg: string) => `${symbol}-${day}-${index}-${leg}`
  const price = 100 + index / 7
  return [
    [id('a'), `${day} 09:15:00`, symbol, 'BUY', 50, price, 'ENTRY', null],
    [id('b'), `${day} 09:15:00`, symbol, 'SELL', 50, price / 3, 'ENTRY', null],
    [id('c'), `${day} 10:15:00`, symbol, 'SELL', 50, price * 1.1, 'STOP_LOSS_LEG', price * 5],
    [id('d'), `${day} 10:15:00`, symbol, 'BUY', 50, price / 3.3, 'DAILY_SL_EXIT', -price / 11],
  ]
}

/** A rule for tests: the longest prefix of a symbol, stamped before `before`, after which nothing is open. */
export const closedBefore = (before: string): ClosedSelection => ({
  instantOf: (timestamp) => timestamp,
  select: (rows) => closedRuns(rows, before),
})

function* closedRuns(rows: Iterable<LoggedTrade>, before: string): Generator<ClosedRun> {
  let symbol: string | undefined
  let previous: unknown = null
  let [place, closed, net, open] = [0, 0, 0, 0]
  for (const row of rows) {
    if (row.symbol !== symbol) {
      if (symbol !== undefined) yield {symbol, rows: net === 0 && open === 0 ? place : closed}
      ;[place, closed, net, open, symbol, previous] = [0, 0, 0, 0, String(row.symbol), null]
    }
    if (row.timestamp !== previous && net === 0 && open === 0) closed = place
    if (row.odd || row.timestamp === null || String(row.timestamp) >= before) open = Number.NaN
    place += 1
    net += row.action === 'BUY' ? Number(row.quantity) : -Number(row.quantity)
    open += row.execution_reason === 'ENTRY' ? Number(row.quantity) : -Number(row.quantity)
    previous = row.timestamp
  }
  if (symbol !== undefined) yield {symbol, rows: net === 0 && open === 0 ? place : closed}
}
