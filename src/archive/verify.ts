import type {Row} from '@libsql/client'
import type {Statement} from '../database/database.ts'
import {takenOver} from './archive-errors.ts'
import type {Archiving, MovingRow, OpenBatch} from './archiving.ts'
import {hashRow} from './canonical.ts'
import {selectedColumns, toRowJson} from './trade-row.ts'

/**
 * Where the rows of a batch are in the archive: its `own`, those that a sealed batch had before, those that are in another
 * run's hands, and those that are there with other content.
 */
export type Verified = {own: MovingRow[]; elsewhere: MovingRow[]; contested: MovingRow[]; conflicts: MovingRow[]}

/**
 * Reads rows back from the archive and finds out which are there, with the content that the source returned.
 *
 * @throws StratError ARCHIVE_RACE where the batch is no longer this run's
 */
export async function verifyBatch(archiving: Archiving, batch: OpenBatch, rows: MovingRow[]): Promise<Verified> {
  const {archive, from, steps} = archiving
  const statements = [
    {sql: 'SELECT 1 FROM archive_batches WHERE batch_id = ? AND copied_at = ? AND sealed_at IS NULL', args: [batch.batchId, batch.epoch]},
    {sql: 'SELECT batch_id FROM archive_batches WHERE source_database_id = ? AND sealed_at IS NULL', args: [from.databaseId]},
    ...lookUps(
      from.databaseId,
      rows.map(({id}) => id),
    ),
  ]
  const [manifest, unsealed, ...found] = await steps.take('verify', rows.length, () => archive.read(statements))
  if (!manifest?.rows.length) throw takenOver(archiving)
  const open = new Set(unsealed?.rows.map((row) => row['batch_id']))
  const byId = new Map(found.flatMap(({rows}) => rows.map((row) => [String(row['id']), row])))
  const result: Verified = {own: [], elsewhere: [], contested: [], conflicts: []}
  for (const row of rows) {
    const copy = byId.get(row.id)
    const isOwn = copy?.['batch_id'] === batch.batchId
    // Another run may withdraw its copy at any moment, or just has.
    if (!copy || (!isOwn && open.has(copy['batch_id'] ?? null))) result.contested.push(row)
    else if (!isEqual(archiving, copy, row)) result.conflicts.push(row)
    else (isOwn ? result.own : result.elsewhere).push(row)
  }
  return result
}

const idsAtOnce = 100
const wanted = Array.from({length: idsAtOnce}, (_, index) => `(?${index + 2})`).join()

/**
 * Reads rows by their keys. VALUES are no table: unlike those of `json_each`, its rows are not counted as read. Ids that are missing at the end are
 * NULL, and not looked for. CROSS keeps the planner from turning the join round, which would read the whole archive for each id.
 */
function* lookUps(databaseId: string, ids: string[]): Generator<Statement> {
  for (let first = 0; first < ids.length; first += idsAtOnce) {
    const some = ids.slice(first, first + idsAtOnce)
    yield {
      sql: `SELECT ${selectedColumns}, row_sha256, strategy, batch_id FROM (VALUES ${wanted}) AS wanted CROSS JOIN trade_logs
        WHERE source_database_id = ?1 AND trade_logs.id = wanted.column1`,
      args: [databaseId, ...some, ...Array<null>(idsAtOnce - some.length).fill(null)],
    }
  }
}

/** By what the archive returns, not by the hash that it keeps; that one must be right, too. The strategy may have had another name then. */
function isEqual({from}: Archiving, copy: Row, {json, sha256}: MovingRow): boolean {
  const found = toRowJson(copy)
  return found === json && copy['row_sha256'] === (copy['strategy'] === from.strategy ? sha256 : hashRow({...from, strategy: String(copy['strategy'])}, found))
}
