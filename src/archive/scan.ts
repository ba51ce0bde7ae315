import type {Row} from '@libsql/client'
import {clock, type Opened} from './archiving.ts'
import {pagesOf} from './pages.ts'
import {inOrder, keep, type Spool, type SpooledRow, toOdd} from './spool.ts'
import {oddColumn, selectedColumns, toPlain, toRowJson} from './trade-row.ts'

/** What a scan found: `now` is the source's clock when it began. */
export type Scan = {rows: number; now: string}

/** By which value rows of a symbol follow each other in time: of a timestamp as the server returned it; null where it has none. */
export type InstantOf = (timestamp: string | null) => string | number | null

/** How many bytes of JSON a row may have at most: as an argument, with its hash and all digits of its numbers, it must be below 5,000,000. */
export const largestRow = 4_990_000

const selectPage = (after: Row | undefined, limit: number) => ({
  sql: `SELECT rowid, ${selectedColumns}, ${oddColumn} AS odd FROM trade_logs ${after ? 'WHERE rowid > ?' : ''} ORDER BY rowid LIMIT ${limit}`,
  args: after ? [BigInt(Number(after['rowid']))] : [],
})

/** Reads every row of the source once, in order of insertion, into the spool; `onPage` is called between two pages, and may throw. */
export async function scanSource(source: Opened, spool: Spool, instantOf: InstantOf, onPage = async () => {}): Promise<Scan> {
  const [first] = await source.read([{sql: `SELECT ${clock} AS now`, args: []}])
  const scan: Scan = {rows: 0, now: String(first?.rows[0]?.['now'])}
  const readPage = async (after: Row | undefined, limit: number) => (await source.read([selectPage(after, limit)]))[0]?.rows ?? []
  for await (const page of pagesOf(readPage)) {
    if (scan.rows > 0) await onPage()
    keep(
      spool,
      page.map((row) => toSpooled(row, instantOf)),
    )
    scan.rows += page.length
  }
  inOrder(spool)
  return scan
}

function toSpooled(row: Row, instantOf: InstantOf): SpooledRow {
  const json = toRowJson(row)
  const odd = toOdd(row['odd']) ?? (Buffer.byteLength(json) > largestRow ? 'row' : null)
  const timestamp = row['timestamp']
  // A number is a timestamp of a format of its own.
  const instant = instantOf(typeof timestamp === 'number' ? String(timestamp) : typeof timestamp === 'string' ? timestamp : null)
  const symbol = typeof row['symbol'] === 'string' ? row['symbol'] : null
  return {rowid: Number(row['rowid']), id: String(toPlain(row['id'])), symbol, instant, json, odd}
}
