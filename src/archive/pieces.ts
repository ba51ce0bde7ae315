import type {ArchivedUntil} from './cuts.ts'
import type {Limit} from './limit.ts'
import type {LoggedTrade} from './logged-trade.ts'
import type {InstantOf, Scan} from './scan.ts'
import {rowsOf, type Spool, type SpooledRow, toLogged} from './spool.ts'
import {fromRowJson} from './trade-row.ts'

/** The first `rows` rows of a symbol, in order of time, are closed. */
export type ClosedRun = {symbol: string; rows: number}

/** What decides which rows are closed: none that is `odd`. Memory stays flat if `select` takes the rows one by one, as they come: by symbol, then instant. */
export type ClosedSelection = {
  instantOf: InstantOf
  select: (rows: Iterable<LoggedTrade>, known: {now: string; archivedUntil: ArchivedUntil}) => Iterable<ClosedRun>
  /** Whether a position in a symbol keeps what was closed in it, where positions are asked. */
  hasPosition?: (symbol: string) => boolean
}

const byTime = 'ORDER BY row.symbol, row.instant, row.rowid'

/**
 * Plans what is moved, in pieces of consecutive rows of a symbol that are closed each by itself: a run that ends between two
 * of them leaves nothing half.
 *
 * @returns how many rows are to be moved; undefined where the limit of the run was reached meanwhile
 */
export async function planClosed(
  spool: Spool,
  {select}: ClosedSelection,
  {now, archivedUntil}: Pick<Scan, 'now'> & {archivedUntil: ArchivedUntil},
  limit: Limit,
): Promise<number | undefined> {
  const keepRun = spool.prepare('INSERT INTO closed (symbol, rows) VALUES (?, ?)')
  for (const {symbol, rows} of select(tradesOf(spool), {now, archivedUntil})) {
    keepRun.run(symbol, rows)
    if (await limit()) return undefined
  }
  const keepMoved = spool.prepare('INSERT INTO moved (piece, rowid) VALUES (?, ?)')
  spool.exec('BEGIN')
  let moved = 0
  for (const {rowid, piece} of piecesOf(closedRows(spool))) {
    keepMoved.run(piece, rowid)
    moved += 1
    if (moved % rowsAtOnce === 0 && (await limit())) return undefined
  }
  spool.exec('COMMIT')
  return moved
}

/** How many rows are planned between two looks at the limit. */
const rowsAtOnce = 5000

/** Plans to move every row that is left and can be moved, each by itself. */
export function planRest(spool: Spool): number {
  spool.exec('DELETE FROM moved; INSERT INTO moved (piece, rowid) SELECT rowid, rowid FROM row WHERE odd IS NULL')
  return Number(spool.prepare('SELECT count(*) AS rows FROM moved').get()?.['rows'])
}

function* tradesOf(spool: Spool): Generator<LoggedTrade> {
  for (const row of rowsOf(spool, `SELECT * FROM row ${byTime}`)) yield toLogged(row)
}

function* closedRows(spool: Spool): Generator<SpooledRow> {
  const runLength = spool.prepare('SELECT rows FROM closed WHERE symbol = ?')
  let symbol: string | null | undefined
  let left = 0
  for (const row of rowsOf(spool, `SELECT * FROM row ${byTime}`)) {
    if (row.symbol !== symbol) left = Number(runLength.get(row.symbol)?.['rows'] ?? 0)
    symbol = row.symbol
    left -= 1
    if (left >= 0) yield row
  }
}

/** A piece ends where the instant changes, the net quantity is zero, and what was entered has been left. */
function* piecesOf(rows: Iterable<SpooledRow>): Generator<{rowid: number; piece: number}> {
  let piece = 1
  let before: SpooledRow | undefined
  let [net, entered, left] = [0, 0, 0]
  for (const row of rows) {
    const isEnd = before && (row.symbol !== before.symbol || (row.instant !== before.instant && net === 0 && entered === left))
    if (isEnd) {
      piece += 1
      net = entered = left = 0
    }
    const {action, quantity, execution_reason: reason} = fromRowJson(row.json)
    net += action === 'BUY' ? quantity : -quantity
    if (reason === 'ENTRY') entered += quantity
    else left += quantity
    yield {rowid: row.rowid, piece}
    before = row
  }
}
