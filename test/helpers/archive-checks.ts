import {tradeColumns} from '../../src/archive/trade-row.ts'
import {type Bot, openSymbol} from './archive-bot.ts'
import {faultsOfChain} from './archive-chain.ts'
import {type Pair, rowsIn, type Trade} from './archive-pair.ts'

type Row = Record<string, unknown>

/**
 * What was wrong with deletions so far. `whole`: nothing that is as old may stay beside what goes, as where each run moves all that it can at once.
 * `all`: everything may go.
 */
export type Watched = {problems: string[]; whole: boolean; all: boolean}

/** Looks at each deletion from the source, as it happens: what goes is closed by itself, and nothing that is as old stays beside it. */
export function watchDeletions(pair: Pair, {whole}: {whole: boolean}): Watched {
  const watched: Watched = {problems: [], whole, all: false}
  const sql = pair.server.databases.get(pair.source.name)?.sql
  if (!sql) throw new Error('there is no source')
  const answer = sql.answer.bind(sql)
  const rows = () => rowsIn(pair, pair.source, 'SELECT * FROM trade_logs')
  sql.answer = async (body) => {
    if (watched.all || !body.includes('DELETE FROM trade_logs')) return answer(body)
    const before = rows()
    const answered = await answer(body)
    const after = rows()
    const left = new Set(after.map((row) => row['id']))
    const gone = before.filter((row) => !left.has(row['id']))
    watched.problems.push(...openOnes(gone), ...(watched.whole ? leftBehind(gone, after) : []))
    return answered
  }
  return watched
}

const bySymbol = (rows: Row[]) => Map.groupBy(rows, (row) => String(row['symbol']))

function openOnes(gone: Row[]): string[] {
  return [...bySymbol(gone)].flatMap(([symbol, own]) => {
    const sum = (part: (row: Row) => number) => own.reduce((total, row) => total + part(row), 0)
    const net = sum((row) => Number(row['quantity']) * (row['action'] === 'BUY' ? 1 : -1))
    const open = sum((row) => Number(row['quantity']) * (row['execution_reason'] === 'ENTRY' ? 1 : -1))
    return net !== 0 || open !== 0 || symbol === openSymbol ? [`${symbol} was moved while it was open`] : []
  })
}

function leftBehind(gone: Row[], after: Row[]): string[] {
  return [...bySymbol(gone)].flatMap(([symbol, own]) => {
    const stamps = own.map((row) => String(row['timestamp'])).sort()
    const cut = stamps.at(-1) ?? ''
    const row = after.find((other) => other['symbol'] === symbol && String(other['timestamp']) <= cut)
    return row ? [`${symbol} was moved up to ${cut}, but for ${JSON.stringify(row)}`] : []
  })
}

/** What is wrong in the end: a trade that is lost, doubled or changed, an open leg in the archive, a broken chain. */
export function faultsOf(pair: Pair, bot: Bot, {mayHaveOpen}: {mayHaveOpen: boolean}): string[] {
  const faults: string[] = []
  const columns = tradeColumns.join(', ')
  const archived = rowsIn(pair, pair.archive, `SELECT ${columns} FROM trade_logs`)
  const kept = rowsIn(pair, pair.source, `SELECT ${columns} FROM trade_logs`)
  const places = Map.groupBy([...kept, ...archived], (row) => String(row['id']))
  for (const [id, trade] of bot.trades) {
    const rows = places.get(id) ?? []
    if (rows.length !== 1) faults.push(`${id} is in ${rows.length} places`)
    else if (JSON.stringify(valuesOf(rows[0] ?? {})) !== JSON.stringify(trade)) faults.push(`${id} is ${JSON.stringify(rows[0])}, not ${JSON.stringify(trade)}`)
  }
  for (const id of places.keys()) if (!bot.trades.has(id) && !bot.retracted.has(id)) faults.push(`${id} came from nowhere`)
  if (mayHaveOpen && kept.length > 0) faults.push(`${kept.length} trades are still in the source`)
  if (!mayHaveOpen && archived.some((row) => row['symbol'] === openSymbol)) faults.push('an open leg is in the archive')
  return [...faults, ...faultsOfChain(rowsIn(pair, pair.archive, 'SELECT * FROM archive_batches'), rowsIn(pair, pair.archive, 'SELECT * FROM trade_logs'))]
}

const valuesOf = (row: Row): Trade => tradeColumns.map((column) => row[column]) as Trade
