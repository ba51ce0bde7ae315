import type {Statement} from '../database/database.ts'
import type {Archiving, MovingRow} from './archiving.ts'
import {toHead} from './head.ts'
import {selectLastBatch} from './manifests.ts'
import {type Instant, readTimestamp} from './timestamps.ts'
import {fromRowJson} from './trade-row.ts'

/** Up to which instant the archive has a symbol of the source: undefined where it has nothing of it. */
export type ArchivedUntil = (symbol: string) => Instant | undefined

/** Symbols in one request: each is two rows read. */
const symbolsAtOnce = 5000

/**
 * Reads how far the archive has these symbols of the source, mostly in one request, before anything is moved.
 *
 * @throws StratError ARCHIVE_ALTERED where nothing could be sealed: rather now than when trades are deleted
 */
export async function readCuts({archive, from}: Archiving, symbols: string[]): Promise<ArchivedUntil> {
  const cuts = new Map<string, Instant>()
  for (let start = 0; start === 0 || start < symbols.length; start += symbolsAtOnce) {
    const [last, found] = await archive.read([
      selectLastBatch,
      {
        sql: `SELECT symbol, archived_until FROM json_each(?) AS wanted CROSS JOIN archive_cuts
          WHERE source_database_id = ? AND symbol = wanted.value`,
        args: [JSON.stringify(symbols.slice(start, start + symbolsAtOnce)), from.databaseId],
      },
    ])
    toHead(archive, last?.rows[0])
    for (const row of found?.rows ?? []) cuts.set(String(row['symbol']), Number(row['archived_until']))
  }
  return (symbol) => cuts.get(symbol)
}

/** Moves the cuts of a batch's symbols, in the transaction that seals it, right after the statement that does: where that did nothing, nor does this. */
export function movingCuts({from}: Archiving, rows: MovingRow[]): Statement {
  const cuts = new Map<string, Instant>()
  for (const {symbol, json} of rows) {
    const instant = readTimestamp(fromRowJson(json).timestamp)?.instant
    // Of a strategy that was destroyed all rows are archived, also those that have no time.
    if (instant !== undefined) cuts.set(symbol, Math.max(instant, cuts.get(symbol) ?? instant))
  }
  return {
    sql: `INSERT INTO archive_cuts (source_database_id, symbol, archived_until)
      SELECT ?1, value ->> 0, value ->> 1 FROM json_each(?2) WHERE changes() = 1
      ON CONFLICT DO UPDATE SET archived_until = excluded.archived_until WHERE excluded.archived_until > archived_until`,
    args: [from.databaseId, JSON.stringify([...cuts])],
  }
}
