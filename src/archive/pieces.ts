import type {InstantOf, Scan} from './scan.ts'
import {rowsOf, type Spool, type SpooledRow} from './spool.ts'
import {fromRowJson, type TradeRow} from './trade-row.ts'

/** The first `rows` rows of a symbol, in order of time, are closed. */
export type ClosedRun = {symbol: string; rows: number}

/** What decides which rows are closed. Memory stays flat if `select` takes the rows one by one, as they come: by symbol, then instant. */
export type Selection = {
  instantOf: InstantOf
  select: (rows: Iterable<TradeRow>, scan: {now: string}) => Iterable<ClosedRun>
  /** Whether a position in a symbol keeps what was closed in it, where positions are asked. */
  hasPosition?: (symbol: string) => boolean
}

/** The piece that is moved last: while its newest row is there, every row that comes has a higher number. */
export const lastPiece = Number.MAX_SAFE_INTEGER

const byTime = 'ORDER BY row.symbol, row.instant, row.rowid'

/**
 * Plans what is moved, in pieces of consecutive rows of a symbol that are closed each by itself: a run that ends between two
 * of them leaves nothing half. Symbols with a row that cannot be moved are left alone.
 *
 * @returns how many rows are to be moved
 */
export function planClosed(spool: Spool, {select}: Selection, {now, newest}: Scan): number {
  const keepRun = spool.prepare('INSERT INTO closed (symbol, rows) VALUES (?, ?)')
  for (const {symbol, rows} of select(tradesOf(spool), {now})) keepRun.run(symbol, rows)
  spool.exec('DELETE FROM closed WHERE symbol IN (SELECT symbol FROM row WHERE odd IS NOT NULL)')
  const keepMoved = spool.prepare('INSERT INTO moved (piece, rowid) VALUES (?, ?)')
  spool.exec('BEGIN')
  for (const {rowid, piece} of piecesOf(closedRows(spool))) keepMoved.run(piece, rowid)
  spool.exec('COMMIT')
  if (newest) moveLast(spool, newest.rowid)
  return Number(spool.prepare('SELECT count(*) AS rows FROM moved').get()?.['rows'])
}

/** Plans to move every row that is left and can be moved, each by itself. */
export function planRest(spool: Spool): number {
  spool.exec('DELETE FROM moved; INSERT INTO moved (piece, rowid) SELECT rowid, rowid FROM row WHERE odd IS NULL')
  return Number(spool.prepare('SELECT count(*) AS rows FROM moved').get()?.['rows'])
}

function* tradesOf(spool: Spool): Generator<TradeRow> {
  for (const {json} of rowsOf(spool, `SELECT * FROM row ${byTime}`)) yield fromRowJson(json)
}

function* closedRows(spool: Spool): Generator<SpooledRow> {
  const runLength = spool.prepare('SELECT rows FROM closed WHERE symbol = ?')
  let symbol: string | undefined
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

function moveLast(spool: Spool, rowid: number): void {
  const piece = spool.prepare('SELECT piece FROM moved WHERE rowid = ?').get(rowid)?.['piece']
  if (piece === undefined) return
  const later = `SELECT moved.rowid FROM moved JOIN row ON row.rowid = moved.rowid WHERE piece >= ? AND symbol = (SELECT symbol FROM row WHERE rowid = ?)`
  spool.prepare(`UPDATE moved SET piece = ${lastPiece} WHERE rowid IN (${later})`).run(Number(piece), rowid)
}
