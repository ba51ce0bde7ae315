import {setTimeout} from 'node:timers/promises'
import {moveClosedTrades} from '../../src/archive/move.ts'
import type {MoveResult} from '../../src/archive/result.ts'
import {tradeColumns} from '../../src/archive/trade-row.ts'
import type {Database} from '../../src/database/database.ts'
import {StratError} from '../../src/errors.ts'
import {type Bot, makeBot, openSymbol, today} from './archive-bot.ts'
import {faultsOfChain} from './archive-chain.ts'
import {closedBefore, opening, type Pair, rowsIn, type Trade, usingPair} from './archive-pair.ts'

/** What one history came to. */
export type Tally = {histories: number; trades: number; archived: number; runs: number; kills: number; lost: number; errors: Map<string, number>}

export const emptyTally = (): Tally => ({histories: 0, trades: 0, archived: 0, runs: 0, kills: 0, lost: 0, errors: new Map()})

/** What a run may rightly end with where replies are lost and others run at the same time. */
const expected = ['ARCHIVE_RACE', 'DATABASE_UNREACHABLE', 'DATABASE_BUSY']

/** Short, so that a history sees times end. */
const leaseMs = 400

class Killed extends Error {}

/**
 * Lives through one random history: runs of the archiver, often two at once, are killed between and inside their steps, lose requests and
 * replies, and a bot writes before each request. In the end nothing is lost, nothing is there twice, no open leg was moved, and the
 * chain is whole.
 *
 * @throws an error that says what is wrong
 */
export async function simulate(random: () => number, tally: Tally): Promise<void> {
  await usingPair(async (pair) => {
    const bot = makeBot(pair.source, random)
    for (let count = 0; count < 12; count++) bot.act()
    const problems = watchDeletions(pair)
    const late = trouble(pair, bot, random, tally)
    const rounds = 2 + Math.floor(random() * 3)
    for (let round = 0; round < rounds; round++) {
      const runs = Array.from({length: random() < 0.4 ? 2 : 1}, () => runOnce(pair, random, tally))
      await Promise.all(runs)
    }
    pair.server.watch = () => undefined
    pair.server.faults.length = 0
    await until('Late requests', async () => late.underWay === 0)
    await settle(pair)
    check(pair, bot, problems)
    tally.histories += 1
    tally.trades += bot.trades.size
    tally.archived += rowsIn(pair, pair.archive, 'SELECT id FROM trade_logs').length
  })
}

const run = (pair: Pair, through: (database: Database) => Database): Promise<MoveResult> =>
  opening(pair, (source, archive) =>
    moveClosedTrades(
      {source: through(source), archive: through(archive), toolVersion: '0.0.0', onProgress: () => undefined, leaseMs, folder: pair.server.folder},
      {databaseId: 'condor', strategy: 'stage-condor', selection: closedBefore(today)},
    ),
  )

/** A run that in half of the cases is killed before or after one of its requests. */
async function runOnce(pair: Pair, random: () => number, tally: Tally): Promise<void> {
  tally.runs += 1
  const killAt = random() < 0.5 ? Math.ceil(random() * 18) : Number.POSITIVE_INFINITY
  const kill = {left: killAt, isAfter: random() < 0.5}
  await run(pair, (database) => killed(database, kill)).catch((error) => {
    if (error instanceof Killed) tally.kills += 1
    else if (error instanceof StratError && expected.includes(error.code)) tally.errors.set(error.code, (tally.errors.get(error.code) ?? 0) + 1)
    else throw error
  })
}

function killed(database: Database, kill: {left: number; isAfter: boolean}): Database {
  const through = async <T>(send: () => Promise<T>): Promise<T> => {
    kill.left -= 1
    if (kill.left < 0 || (kill.left === 0 && !kill.isAfter)) throw new Killed()
    const result = await send()
    if (kill.left <= 0) throw new Killed()
    return result
  }
  return {
    ...database,
    requests: 0,
    read: (statements) => through(() => database.read(statements)),
    write: (statements) => through(() => database.write(statements)),
  }
}

/** The bot writes before each request, and some lose their reply, come late, or never come. */
function trouble({server}: Pair, bot: Bot, random: () => number, tally: Tally): {underWay: number} {
  const late = {underWay: 0}
  server.watch = (line) => {
    if (random() < 0.25) bot.act()
    if (random() > 0.06) return
    const fail = (['lose', 'late', 'reset'] as const)[Math.floor(random() * 3)] ?? 'reset'
    tally.lost += 1
    if (fail === 'reset') return void server.faults.push({match: exactly(line), fail})
    late.underWay += 1
    server.faults.push({match: exactly(line), fail, afterwards: () => (late.underWay -= 1)})
  }
  return late
}

const exactly = (line: string) => new RegExp(`^${line.replaceAll(/[?.]/g, '\\$&')}$`)

/** Looks at each deletion from the source, as it happens: what goes is closed by itself, and nothing that is as old stays beside it. */
function watchDeletions(pair: Pair): string[] {
  const problems: string[] = []
  const sql = pair.server.databases.get(pair.source.name)?.sql
  if (!sql) throw new Error('there is no source')
  const answer = sql.answer.bind(sql)
  const rows = () => rowsIn(pair, pair.source, 'SELECT * FROM trade_logs')
  sql.answer = async (body) => {
    if (!body.includes('DELETE FROM trade_logs')) return answer(body)
    const before = rows()
    const answered = await answer(body)
    const after = rows()
    const left = new Set(after.map((row) => row['id']))
    problems.push(
      ...problemsOf(
        before.filter((row) => !left.has(row['id'])),
        after,
      ),
    )
    return answered
  }
  return problems
}

function problemsOf(gone: Record<string, unknown>[], after: Record<string, unknown>[]): string[] {
  const problems: string[] = []
  for (const symbol of new Set(gone.map((row) => String(row['symbol'])))) {
    const own = gone.filter((row) => row['symbol'] === symbol)
    const sum = (part: (row: Record<string, unknown>) => number) => own.reduce((total, row) => total + part(row), 0)
    const net = sum((row) => Number(row['quantity']) * (row['action'] === 'BUY' ? 1 : -1))
    const open = sum((row) => Number(row['quantity']) * (row['execution_reason'] === 'ENTRY' ? 1 : -1))
    if (net !== 0 || open !== 0 || symbol === openSymbol) problems.push(`${symbol} was moved while it was open`)
    const cut =
      own
        .map((row) => String(row['timestamp']))
        .sort()
        .at(-1) ?? ''
    if (after.some((row) => row['symbol'] === symbol && String(row['timestamp']) <= cut)) problems.push(`${symbol} was moved up to ${cut}, but for a row`)
  }
  return problems
}

const isSettled = ({rows, left, recovered}: MoveResult, pair: Pair) =>
  rows === 0 && left.length === 0 && recovered.length === 0 && rowsIn(pair, pair.archive, 'SELECT 1 FROM archive_batches WHERE sealed_at IS NULL').length === 0

function check(pair: Pair, bot: Bot, problems: string[]): void {
  const columns = tradeColumns.join(', ')
  const archived = rowsIn(pair, pair.archive, `SELECT ${columns} FROM trade_logs`)
  const found = [...rowsIn(pair, pair.source, `SELECT ${columns} FROM trade_logs`), ...archived]
  const places = Map.groupBy(found, (row) => String(row['id']))
  for (const [id, trade] of bot.trades) {
    const rows = places.get(id) ?? []
    if (rows.length !== 1) problems.push(`${id} is in ${rows.length} places`)
    else if (JSON.stringify(valuesOf(rows[0] ?? {})) !== JSON.stringify(trade)) problems.push(`${id} is changed: ${JSON.stringify(rows[0])}`)
  }
  for (const id of places.keys()) if (!bot.trades.has(id) && !bot.retracted.has(id)) problems.push(`${id} came from nowhere`)
  if (archived.some((row) => row['symbol'] === openSymbol)) problems.push('an open leg is in the archive')
  problems.push(...faultsOfChain(rowsIn(pair, pair.archive, 'SELECT * FROM archive_batches'), rowsIn(pair, pair.archive, 'SELECT * FROM trade_logs')))
  if (problems.length > 0) throw new Error(problems.join('\n'))
}

const valuesOf = (row: Record<string, unknown>): Trade => tradeColumns.map((column) => row[column]) as Trade

/** Runs until nothing is left to do, as a person would. */
async function settle(pair: Pair): Promise<void> {
  let last: MoveResult | undefined
  const isDone = async () => {
    last = await run(pair, (database) => database)
    return isSettled(last, pair)
  }
  await until('Archiving', isDone).catch((error) => {
    throw new Error(`${error.message}: ${JSON.stringify({...last, steps: undefined})}`)
  })
}

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`${what} never ends`)
    await setTimeout(20)
  }
}
