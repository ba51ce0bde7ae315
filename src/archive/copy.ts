import {messageOf} from '../errors.ts'
import type {Archiving, MovingRow, OpenBatch} from './archiving.ts'
import {hashRows} from './canonical.ts'
import {settled} from './settled.ts'
import {toArgument} from './trade-row.ts'

/**
 * Copies rows into the archive, as a batch that is not sealed, in one transaction. A key that is there already stays as it is.
 * The manifest's key lets a request that arrives a second time, however late, change nothing.
 *
 * @param deletedAt where the source has them no longer: since when
 */
export async function copyBatch(archiving: Archiving, {batchId, epoch, isOpen}: OpenBatch, rows: MovingRow[], deletedAt: string | null = null): Promise<void> {
  const {archive, from, toolVersion, steps} = archiving
  const manifest = {
    sql: `INSERT INTO archive_batches (batch_id, source_database_id, row_count, rows_sha256, copied_at, tool_version, is_open, deleted_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    args: [batchId, from.databaseId, BigInt(rows.length), hashRows(rows), epoch, toolVersion, BigInt(isOpen), deletedAt],
  }
  // One statement a row: where a table has a trigger, SQLite puts aside the rows of a statement that inserts many, and reads them there.
  const insert = (rest: string) => (row: MovingRow) => ({
    sql: `INSERT INTO trade_logs
      (source_database_id, id, strategy, timestamp, symbol, action, quantity, price, execution_reason, pnl, row_sha256, batch_id) ${rest}`,
    args: [toArgument(row.json), from.databaseId, from.strategy, row.sha256, batchId],
  })
  const write = (rest: string) => archive.write([manifest, ...rows.map(insert(rest))]).then(() => true)
  // Where a sealed batch has one of them, the trigger ends it. To ask that beforehand would cost a row read for each row.
  const copy = () => write(`VALUES (${values}) ${unlessThere}`).catch((error) => (isSealed(error) ? write(`SELECT ${values} ${isNew}`) : Promise.reject(error)))
  const isThere = async () => {
    const [found] = await archive.read([{sql: 'SELECT 1 FROM archive_batches WHERE batch_id = ?', args: [batchId]}])
    return found?.rows.length ? true : undefined
  }
  await steps.take('copy', rows.length, () => settled(archive, copy, isThere))
}

/** Numbers as text in JSON, since a server changes the last place of those that are bound. */
const values = `?2, ?1 ->> 0, ?3, ${[1, 2, 3, 4, 5, 6, 7].map((index) => `?1 ->> ${index}`).join(', ')}, ?4, ?5`
const unlessThere = 'ON CONFLICT DO NOTHING'
const isNew = `WHERE NOT EXISTS (SELECT 1 FROM trade_logs AS old WHERE old.source_database_id = ?2 AND old.id = ?1 ->> 0) ${unlessThere}`

const isSealed = (error: unknown) => messageOf(error).includes('a sealed trade cannot be replaced')
