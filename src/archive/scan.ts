import type {Row} from '@libsql/client'
import {hasCode} from '../errors.ts'
import {clock, type Opened} from './archiving.ts'
import {inOrder, keep, type Spool, type SpooledRow} from './spool.ts'
import {oddColumn, selectedColumns, toPlain, toRowJson} from './trade-row.ts'

/** What a scan found: `now` is the source's clock when it began, `newest` the row that was inserted last, its id by `toPlain`. */
export type Scan = {rows: number; now: string; newest: {rowid: number; id: string | null} | undefined}

/** By which value rows of a symbol follow each other in time: of a timestamp as the server returned it; null where it has none. */
export type InstantOf = (timestamp: string | null) => string | number | null

/** Rows a page; an answer may have 10 MB at most. */
const pageSize = 1000

const selectPage = (after: number, limit: number) => ({
  sql: `SELECT rowid, ${selectedColumns}, ${oddColumn} AS odd FROM trade_logs WHERE rowid > ? ORDER BY rowid LIMIT ${limit}`,
  args: [BigInt(after)],
})

/** Reads every row of the source once, in order of insertion, into the spool. */
export async function scanSource(source: Opened, spool: Spool, instantOf: InstantOf): Promise<Scan> {
  const {keepHeapFlat} = await import('../fleet/flat-heap.ts')
  // Before the first page, which alone lets V8's young generation grow: 48,000 rows take 145 MB, and 160 MB if it is done after that page.
  keepHeapFlat()
  const [first] = await source.read([{sql: `SELECT ${clock} AS now`, args: []}])
  const scan: Scan = {rows: 0, now: String(first?.rows[0]?.['now']), newest: undefined}
  for (let limit = pageSize; ; ) {
    const page = await readPage(source, scan.newest?.rowid ?? 0, limit)
    limit = page.limit
    keep(
      spool,
      page.rows.map((row) => toSpooled(row, instantOf)),
    )
    scan.rows += page.rows.length
    const last = page.rows.at(-1)
    if (last) scan.newest = {rowid: Number(last['rowid']), id: last['id'] === null ? null : idOf(last)}
    if (page.rows.length < limit) break
  }
  inOrder(spool)
  return scan
}

/** Asks for fewer rows at once where those of a page are too large for one answer. */
async function readPage(source: Opened, after: number, limit: number): Promise<{rows: Row[]; limit: number}> {
  try {
    const [page] = await source.read([selectPage(after, limit)])
    return {rows: page?.rows ?? [], limit}
  } catch (error) {
    if (!hasCode(error, 'RESPONSE_TOO_LARGE') || limit === 1) throw error
    return readPage(source, after, Math.ceil(limit / 4))
  }
}

const idOf = (row: Row) => String(toPlain(row['id']))

function toSpooled(row: Row, instantOf: InstantOf): SpooledRow {
  const json = toRowJson(row)
  const odd = typeof row['odd'] === 'string' ? row['odd'] : null
  const timestamp = row['timestamp']
  // A number is a timestamp of a format of its own.
  const instant = instantOf(typeof timestamp === 'number' ? String(timestamp) : typeof timestamp === 'string' ? timestamp : null)
  return {rowid: Number(row['rowid']), id: idOf(row), symbol: String(toPlain(row['symbol'])), instant, json, odd}
}
