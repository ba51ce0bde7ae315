import {messageOf} from '../errors.ts'
import type {Archiving, MovingRow, OpenBatch} from './archiving.ts'
import {hashRows} from './canonical.ts'
import {settled} from './settled.ts'
import {tradeColumns} from './trade-row.ts'

/**
 * Copies rows into the archive, as a batch that is not sealed, in one transaction. A key that is there already stays as it is.
 * The manifest's key lets a request that arrives a second time, however late, change nothing.
 */
export async function copyBatch({archive, from, toolVersion, steps}: Archiving, {batchId, epoch, isOpen}: OpenBatch, rows: MovingRow[]): Promise<void> {
  const manifest = {
    sql: `INSERT INTO archive_batches (batch_id, source_database_id, row_count, rows_sha256, copied_at, tool_version, is_open)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
    args: [batchId, from.databaseId, BigInt(rows.length), hashRows(rows), epoch, toolVersion, BigInt(isOpen)],
  }
  const insert = (values: string) => (row: MovingRow) => ({
    sql: `${into} ${values} ON CONFLICT DO NOTHING`,
    args: [row.json, from.databaseId, from.strategy, row.sha256, batchId],
  })
  const write = (values: string) => archive.write([manifest, ...rows.map(insert(values))]).then(() => true)
  // Where a sealed batch has one of them, the trigger ends it. To ask that beforehand would cost a row read for each row.
  const copy = () => write(`VALUES (${columns})`).catch((error) => (isSealed(error) ? write(`SELECT ${columns} WHERE ${isNew}`) : Promise.reject(error)))
  const isThere = async () => {
    const [found] = await archive.read([{sql: 'SELECT 1 FROM archive_batches WHERE batch_id = ?', args: [batchId]}])
    return found?.rows.length ? true : undefined
  }
  await steps.take('copy', rows.length, () => settled(archive, copy, isThere))
}

// One statement a row: of one for all, the trigger makes SQLite keep the rows and read each twice. As JSON text, since a server changes the last place
// of numbers that are bound.
const into = `INSERT INTO trade_logs (source_database_id, strategy, row_sha256, batch_id, ${tradeColumns.join(', ')})`
const columns = `?2, ?3, ?4, ?5, ${tradeColumns.map((_, index) => `?1 ->> ${index}`).join(', ')}`
const isNew = 'NOT EXISTS (SELECT 1 FROM trade_logs AS old WHERE old.source_database_id = ?2 AND old.id = ?1 ->> 0)'

const isSealed = (error: unknown) => messageOf(error).includes('a sealed trade cannot be replaced')
