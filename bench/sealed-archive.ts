import {createHash, hash} from 'node:crypto'
import {hashHead, hashRow} from '../src/archive/canonical.ts'
import {openLibsql} from '../src/server/sql/libsql.ts'
import {positionsOf} from './history.ts'

const from = {databaseId: 'id-of-condor', strategy: 'stage-condor'}

/** Writes what was archived of a strategy night by night into an empty archive's file, a batch for each position; returns how many trades that are. */
export function writeSealed(file: string, {positions}: {positions: number}): number {
  const database = openLibsql(file)
  try {
    // It lets nobody add a batch that is sealed already.
    database.exec('DROP TRIGGER archive_batches_insert; BEGIN IMMEDIATE')
    const insertTrade = database.prepare('INSERT INTO trade_logs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    const insertBatch = database.prepare(`INSERT INTO archive_batches (sequence, batch_id, source_database_id, row_count, rows_sha256, prev_sha256, head_sha256,
      copied_at, deleted_at, sealed_at, tool_version, is_open) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`)
    let [trades, sequence, prevSha256]: [number, number, string | null] = [0, 0, null]
    for (const position of positionsOf({kind: 'condor', seed: 1, positions, until: new Date(Date.now() - 14 * 86_400_000)})) {
      sequence += 1
      const batchId = uuidOf(sequence)
      const rowsHash = createHash('sha256')
      for (const trade of position.trades.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
        const [id, ...others] = trade
        const sha256 = hashRow(from, JSON.stringify(trade))
        rowsHash.update(`${sha256}\n`)
        insertTrade.run([from.databaseId, id, from.strategy, ...others, sha256, batchId])
      }
      const [rowCount, rowsSha256, at, toolVersion] = [position.trades.length, rowsHash.digest('hex'), '2026-01-02T03:04:05.678Z', '1.0.0']
      const batch = {sequence, batchId, databaseId: from.databaseId, isOpen: false, rowCount, rowsSha256, prevSha256, toolVersion}
      const head = hashHead({...batch, copiedAt: at, deletedAt: at, sealedAt: at})
      insertBatch.run([sequence, batchId, from.databaseId, rowCount, rowsSha256, prevSha256, head, at, at, at, toolVersion])
      prevSha256 = head
      trades += rowCount
    }
    database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)')
    return trades
  } finally {
    database.close()
  }
}

/** Without an order, as those of `strat archive` are. */
const uuidOf = (number: number) => hash('sha256', String(number)).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5')
