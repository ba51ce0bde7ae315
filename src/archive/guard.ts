import type {InValue} from '@libsql/client'
import type {MovingRow} from './archiving.ts'
import type {InstantOf, Scan} from './scan.ts'
import type {Spool} from './spool.ts'
import {fromRowJson} from './trade-row.ts'

/** The number, symbol and timestamp of a row. */
type Known = [rowid: number, symbol: string, timestamp: string | number | null]

/** What must be so in the source when rows are deleted, besides that they are as they were copied. */
export type Guard = {
  /** The row that was inserted last when the source was read: while it is there, rows that have come since have higher numbers. */
  newest: Scan['newest']
  /** By symbol, the timestamp of its last row in the batch. No row that stays may be stamped at or before it. */
  cuts: Record<string, string | number | null>
  /** As JSON, from which number to which rows stay, those that have come since the source was read among them. */
  staying: string
  /** Rows that stay, and were no later than the cut when the source was read: within a millisecond SQLite does not tell one from the other. */
  known: Known[]
}

/** What guards are made of: the spool with what the scan has read. */
export type Scanned = {spool: Spool; scan: Scan; instantOf: InstantOf}

/** The guard of a batch; `staying` is of `stayingRows`. */
export function guardOf(scanned: Scanned, rows: MovingRow[], staying: string): Guard {
  const cuts = cutsOf(rows, scanned.instantOf)
  return {newest: scanned.scan.newest, cuts, staying, known: besides(scanned.spool, cuts, rows)}
}

/**
 * The numbers of rows that a condition on `row` says are to stay. They are read once for each batch, so that none is overlooked that is
 * changed meanwhile to lie before a cut; rows that other batches have are not among them, as each batch would read all that are to come.
 */
export function stayingRows({spool, scan}: Pick<Scanned, 'spool' | 'scan'>, condition: string, ...args: string[]): string {
  const ranges: [number, number | string][] = []
  let open: [number, number | string] | undefined
  for (const {rowid, stays} of spool.prepare(`SELECT rowid, ${condition} AS stays FROM row ORDER BY rowid`).iterate(...args)) {
    if (!stays) open = undefined
    else if (open) open[1] = Number(rowid)
    else {
      open = [Number(rowid), Number(rowid)]
      ranges.push(open)
    }
  }
  ranges.push([(scan.newest?.rowid ?? 0) + 1, '9223372036854775807'])
  return `[${ranges.map(([from, to]) => `[${from},${to}]`).join()}]`
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
  BigInt(newest?.rowid ?? 0),
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
