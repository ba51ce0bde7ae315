import type {ResultSet, Row, Value} from '@libsql/client'
import type {Statement} from '../database/database.ts'
import {takenOver} from './archive-errors.ts'
import {type Archiving, clock, type MovingRow, type OpenBatch} from './archiving.ts'
import {hashRow} from './canonical.ts'
import {settled} from './settled.ts'
import {selectedColumns, toRowJson} from './trade-row.ts'

/**
 * Where the rows of a batch are in the archive: its `own`, those that a sealed batch had before, those that are in another
 * run's hands, those that are there with other content, and those that no batch has.
 */
export type Verified = Record<'own' | 'elsewhere' | 'contested' | 'conflicts' | 'unbatched', MovingRow[]>

/**
 * Reads rows back from the archive and finds out which are there, with the content that the source returned. With `announces` the batch says in
 * the same transaction that its rows are about to be deleted: where they are gone afterwards, a run may have done it.
 *
 * @throws StratError ARCHIVE_RACE where the batch is no longer this run's
 */
export async function verifyBatch(archiving: Archiving, batch: OpenBatch, rows: MovingRow[], {announces}: {announces: boolean}): Promise<Verified> {
  const {archive, from, steps} = archiving
  const statements = [
    {sql: 'SELECT 1 FROM archive_batches WHERE batch_id = ? AND copied_at = ? AND sealed_at IS NULL', args: [batch.batchId, batch.epoch]},
    {sql: 'SELECT batch_id FROM archive_batches WHERE source_database_id = ? AND sealed_at IS NULL', args: [from.databaseId]},
    ...lookUps(
      from.databaseId,
      rows.map(({id}) => id),
    ),
  ]
  const read = () => (announces ? announcing(archiving, batch, statements) : archive.read(statements))
  const [manifest, unsealed, ...found] = await steps.take('verify', rows.length, read)
  if (!manifest?.rows.length) throw takenOver(archiving)
  const open = new Set(unsealed?.rows.map((row) => row['batch_id']))
  const byId = new Map(found.flatMap(({rows}) => rows.map((row) => [String(row['id']), row])))
  const result: Verified = {own: [], elsewhere: [], contested: [], conflicts: [], unbatched: []}
  for (const row of rows) {
    const copy = byId.get(row.id)
    const isOwn = copy?.['batch_id'] === batch.batchId
    // Another run may withdraw its copy at any moment, or just has.
    if (!copy || (!isOwn && open.has(copy['batch_id'] ?? null))) result.contested.push(row)
    else if (!isEqual(archiving, copy, row)) result.conflicts.push(row)
    else (isOwn ? result.own : result.elsewhere).push(row)
  }
  const sealed = await sealedOf(
    archiving,
    result.elsewhere.map(({id}) => byId.get(id)?.['batch_id'] ?? null),
  )
  const {true: elsewhere = [], false: unbatched = []} = Object.groupBy(result.elsewhere, ({id}) => `${sealed.has(byId.get(id)?.['batch_id'] ?? null)}`)
  return {...result, elsewhere, unbatched}
}

/** Announcing once more changes nothing. */
async function announcing({archive}: Archiving, {batchId, epoch}: OpenBatch, statements: Statement[]): Promise<ResultSet[]> {
  const announce = {
    sql: `UPDATE archive_batches SET deleted_at = ${clock} WHERE batch_id = ? AND copied_at = ? AND sealed_at IS NULL`,
    args: [batchId, epoch],
  }
  const [, ...results] = await settled(
    archive,
    () => archive.write([announce, ...statements]),
    async () => undefined,
  )
  return results
}

/** Those of some batches that are sealed, by all that makes them so. */
async function sealedOf({archive}: Archiving, batchIds: Value[]): Promise<Set<Value>> {
  if (batchIds.length === 0) return new Set()
  const sql = `SELECT batch_id FROM archive_batches
    WHERE batch_id IN (SELECT value FROM json_each(?)) AND sealed_at IS NOT NULL AND sequence IS NOT NULL`
  const [found] = await archive.read([{sql, args: [JSON.stringify([...new Set(batchIds)])]}])
  return new Set(found?.rows.map((row) => row['batch_id'] ?? null))
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
