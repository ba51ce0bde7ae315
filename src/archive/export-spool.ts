import type {ArchivedTrade} from './archived-trades.ts'
import {type DatedTrade, exitDates} from './exit-dates.ts'
import type {ExportedTrade} from './exported-trade.ts'
import {marketDates} from './market-date.ts'
import type {Spool} from './spool.ts'
import {readTimestamp} from './timestamps.ts'
import {fromRowJson} from './trade-row.ts'

const schema = `CREATE TABLE trade (rowid INTEGER PRIMARY KEY, source TEXT, strategy TEXT, id TEXT, symbol TEXT, instant INTEGER, is_entry INTEGER,
  json TEXT, batch_id TEXT, sha256 TEXT, local_date TEXT, exit_date TEXT)`

/** Makes the table that an export collects trades in, and returns what adds some of them: those of sealed batches, as only they stay as they are. */
export function collecting(spool: Spool, timeZone: string): (sealed: ArchivedTrade[]) => void {
  spool.exec(schema)
  const insert = spool.prepare(`INSERT INTO trade (source, strategy, id, symbol, instant, is_entry, json, batch_id, sha256, local_date)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const dateOf = marketDates(timeZone)
  return (sealed) => {
    spool.exec('BEGIN')
    for (const {databaseId, strategy, id, json, batchId, sha256} of sealed) {
      const {timestamp, symbol, execution_reason} = fromRowJson(json)
      const instant = readTimestamp(timestamp)?.instant ?? null
      const date = instant === null ? null : dateOf(instant)
      insert.run(databaseId, strategy, id, symbol, instant, Number(execution_reason === 'ENTRY'), json, batchId, sha256, date)
    }
    spool.exec('COMMIT')
  }
}

/** Finds for all trades with which exit they belong. */
export function findExitDates(spool: Spool): void {
  const update = spool.prepare('UPDATE trade SET exit_date = ? WHERE rowid = ?')
  spool.exec('BEGIN')
  for (const {rowid, exitDate} of exitDates(datedTrades(spool))) update.run(exitDate, rowid)
  spool.exec('COMMIT')
}

function* datedTrades(spool: Spool): Generator<DatedTrade> {
  // The index of an order that is sorted is made before the first row: rows may be changed meanwhile.
  const query = `SELECT rowid, source, symbol, local_date, is_entry, json FROM trade WHERE instant IS NOT NULL
    ORDER BY source, symbol, instant, is_entry DESC, id`
  for (const row of spool.prepare(query).iterate()) {
    const {action, quantity} = fromRowJson(String(row['json']))
    const group = JSON.stringify([row['source'], row['symbol']])
    yield {rowid: Number(row['rowid']), group, date: String(row['local_date']), isEntry: row['is_entry'] === 1, action, quantity}
  }
}

const order = 'ORDER BY instant, source, id'

/** The trades that belong to these days, in order of time. One that nothing has closed belongs to its own date. */
export const tradesOfRange = (spool: Spool, from: string, to: string) =>
  exported(spool, `SELECT * FROM trade WHERE coalesce(exit_date, local_date) BETWEEN ? AND ? ${order}`, from, to)

/** How many trades are there more than once, as of a database that was restored or copied under another id, and the ids of the first ten. */
export type Duplicates = {trades: number; ids: string[]}

/** How many ids are named. */
const named = 10

/** Finds among the trades that are exported for these days those that two databases have, alike in all eight columns. */
export function duplicatesIn(spool: Spool, from: string, to: string): Duplicates {
  const exported = 'FROM trade WHERE (instant IS NULL OR coalesce(exit_date, local_date) BETWEEN ?1 AND ?2)'
  // Ids first: they are short, and most are there once.
  const query = `SELECT id, count(*) OVER () AS trades ${exported} AND id IN (SELECT id ${exported} GROUP BY id HAVING count(*) > 1)
    GROUP BY id, json HAVING count(*) > 1 ORDER BY id LIMIT ${named}`
  const found = spool.prepare(query).all(from, to)
  return {trades: Number(found[0]?.['trades'] ?? 0), ids: found.map(({id}) => String(id))}
}

/** The trades whose timestamps are no instants: of rows that were moved though they were not closed. */
export const undatedTrades = (spool: Spool) => exported(spool, `SELECT * FROM trade WHERE instant IS NULL ${order}`)

function* exported(spool: Spool, query: string, ...args: string[]): Generator<ExportedTrade> {
  for (const row of spool.prepare(query).iterate(...args)) {
    const {id, timestamp, symbol, action, quantity, price, execution_reason, pnl} = fromRowJson(String(row['json']))
    const [strategy, source_database_id] = [String(row['strategy']), String(row['source'])]
    const [local_date, exit_date] = [row['local_date'], row['exit_date']].map((date) => (typeof date === 'string' ? date : null))
    const trade = {strategy, source_database_id, id, timestamp, local_date: local_date ?? null, exit_date: exit_date ?? null, symbol, action, quantity}
    yield {...trade, price, execution_reason, pnl, batch_id: String(row['batch_id']), row_sha256: String(row['sha256'])}
  }
}
