import type {InValue} from '@libsql/client'
import type {MovingRow} from './archiving.ts'
import {mergedRanges, type Range, rangesOf} from './ranges.ts'
import type {InstantOf} from './scan.ts'
import type {Spool} from './spool.ts'
import {fromRowJson} from './trade-row.ts'

/** The number, symbol and timestamp of a row. */
type Known = [rowid: number, symbol: string, timestamp: string | number | null]

/** What must be so in the source when rows are deleted, besides that they are as they were copied. */
export type Guard = {
  /** The row with the highest number of those that the source has still, as far as is known: while it is there, rows that come have higher ones. */
  newest: {rowid: number; id: string | null} | undefined
  /** By symbol, the timestamp of its last row in the batch. No row that stays may be stamped at or before it. */
  cuts: Record<string, string | number | null>
  /** As JSON, from which number to which rows stay, those that have come since the source was read among them. */
  staying: string
  /** Rows that stay, and were no later than the cut when the source was read: within a millisecond SQLite does not tell one from the other. */
  known: Known[]
}

/** What guards are made of: the spool with what the scan has read, but for what is moved since. */
export type Scanned = {spool: Spool; instantOf: InstantOf}

/** Which rows stay, as far as a batch with these rows has to look at them. */
export type Staying = (rows: MovingRow[]) => Range[]

/** The guard of a batch. */
export function guardOf({spool, instantOf}: Scanned, rows: MovingRow[], staying: Staying): Guard {
  const cuts = cutsOf(rows, instantOf)
  const newest = newestIn(spool)
  const ranges = staying(rows).map(([from, to]) => `[${from},${to}],`)
  return {newest, cuts, staying: `[${ranges.join('')}[${(newest?.rowid ?? 0) + 1},9223372036854775807]]`, known: besides(spool, cuts, rows)}
}

function newestIn(spool: Spool): Guard['newest'] {
  const row = spool.prepare('SELECT rowid, json FROM row ORDER BY rowid DESC LIMIT 1').get()
  return row && {rowid: Number(row['rowid']), id: fromRowJson(String(row['json'])).id}
}

/** How many rows that stay each batch reads, whatever their symbols are, and how many ranges of numbers it is given. */
const most = {rows: 2000, ranges: 10_000}

/**
 * The rows that a condition on `row` says are to stay. They are read once for each batch, so that none is overlooked that is changed meanwhile
 * to lie before a cut; where they are too many, only those of the batch's symbols. Rows that other batches have are not among them, as each
 * batch would read all that are to come.
 */
export function stayingRows({spool}: Pick<Scanned, 'spool'>, condition: string, ...args: string[]): Staying {
  spool.exec('DELETE FROM staying')
  spool.prepare(`INSERT INTO staying (symbol, number) SELECT coalesce(symbol, ''), rowid FROM row WHERE ${condition}`).run(...args)
  const count = Number(spool.prepare('SELECT count(*) AS rows FROM staying').get()?.['rows'])
  if (count <= most.rows) {
    const all = rangesOf(numbersOf(spool, 'SELECT number FROM staying ORDER BY number'))
    return () => all
  }
  return (rows) => {
    const symbols = JSON.stringify([...new Set(rows.map(({symbol}) => symbol))])
    const own = rangesOf(numbersOf(spool, 'SELECT number FROM staying WHERE symbol IN (SELECT value FROM json_each(?)) ORDER BY number', symbols))
    // Rows that are read between them are known, but for the batch's own.
    return mergedRanges(own, {most: most.ranges, without: rows.map(({rowid}) => rowid)})
  }
}

function* numbersOf(spool: Spool, query: string, ...args: string[]): Generator<number> {
  for (const {number} of spool.prepare(query).iterate(...args)) yield Number(number)
}

/** Whether the source, when it was read, had rows that are not of the batch, and not later than its cuts. */
export const hasBesides = ({spool, instantOf}: Scanned, rows: MovingRow[]): boolean => besides(spool, cutsOf(rows, instantOf), rows).length > 0

function besides(spool: Spool, cuts: Guard['cuts'], rows: MovingRow[]): Known[] {
  const own = new Set(rows.map(({rowid}) => rowid))
  const select = spool.prepare(`SELECT rowid, json ->> 1 AS timestamp, coalesce(julianday(json ->> 1) > julianday(?2), 0) AS later
    FROM row WHERE symbol = ?1 ORDER BY instant`)
  const found: Known[] = []
  for (const [symbol, cut] of Object.entries(cuts)) {
    for (const {rowid, timestamp, later} of select.iterate(symbol, cut)) {
      if (later) break
      if (!own.has(Number(rowid))) found.push([Number(rowid), symbol, typeof timestamp === 'number' || typeof timestamp === 'string' ? timestamp : null])
    }
  }
  return found
}

/** By symbol, the timestamp of its last row. */
function cutsOf(rows: MovingRow[], instantOf: InstantOf): Guard['cuts'] {
  const last = new Map<string, {instant: string | number; timestamp: string | number | null}>()
  for (const {symbol, json} of rows) {
    const {timestamp} = fromRowJson(json)
    const instant = instantOf(timestamp === null ? null : String(timestamp)) ?? ''
    const before = last.get(symbol)
    if (!before || instant >= before.instant) last.set(symbol, {instant, timestamp})
  }
  return Object.fromEntries([...last].map(([symbol, {timestamp}]) => [symbol, timestamp]))
}

/** The arguments of the conditions below, after `end`, until when the rows may be deleted. */
export const guardArguments = ({cuts, staying, known, newest}: Guard, end: string): InValue[] => [
  end,
  newest ? BigInt(newest.rowid) : null,
  newest?.id ?? null,
  JSON.stringify(cuts),
  staying,
  JSON.stringify(known),
]

/** An id as `toPlain` has it. */
const plainId = "iif(typeof(id) = 'blob', 'x''' || lower(hex(id)) || '''', id)"

/** Whether the newest row is gone: numbers of new rows say nothing then. */
export const isNewestGone = `NOT EXISTS (SELECT 1 FROM trade_logs WHERE rowid = ?2 AND ${plainId} IS ?3)`

/**
 * The rows that stay and are stamped at or before their symbol's cut. Instants are compared as SQLite reads them, to the millisecond: rows that
 * it cannot read, or that are of the same one, count as late. The first two conditions spare most rows the list of cuts.
 */
export const lateRows = `FROM json_each(?5) AS range CROSS JOIN trade_logs ON trade_logs.rowid BETWEEN range.value ->> 0 AND range.value ->> 1
  CROSS JOIN json_each(?4) AS cut
  WHERE trade_logs.symbol IN (SELECT key FROM json_each(?4))
    AND NOT coalesce(julianday(trade_logs.timestamp) > (SELECT max(julianday(value)) FROM json_each(?4)), 0)
    AND cut.key = trade_logs.symbol AND NOT coalesce(julianday(trade_logs.timestamp) > julianday(cut.value), 0)
    AND NOT EXISTS (SELECT 1 FROM json_each(?6) AS known
      WHERE known.value ->> 0 = trade_logs.rowid AND known.value ->> 1 IS trade_logs.symbol AND known.value ->> 2 IS trade_logs.timestamp)`
