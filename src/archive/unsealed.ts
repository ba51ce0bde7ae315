import type {Archiving, MovingRow, OpenBatch} from './archiving.ts'
import {hashRow} from './canonical.ts'
import {selectedColumns, toRowJson} from './trade-row.ts'
import {conflict} from './verify.ts'

/** A row of the archive; `rowid` is where the source has it, known after looking. */
export type ArchivedRow = Omit<MovingRow, 'rowid'> & {timestamp: string | number | null}

/** The batches of the source that are not sealed, in the order in which they were begun. */
export async function unsealedBatches({archive, from}: Archiving): Promise<OpenBatch[]> {
  const [found] = await archive.read([
    {
      sql: 'SELECT batch_id, copied_at, is_open FROM archive_batches WHERE source_database_id = ? AND sealed_at IS NULL ORDER BY rowid',
      args: [from.databaseId],
    },
  ])
  return (found?.rows ?? []).map((row) => ({batchId: String(row['batch_id']), epoch: String(row['copied_at']), isOpen: row['is_open'] === 1}))
}

const pageSize = 2000

/**
 * The archive's own copy of an unsealed batch. Reads past all that the archive has of the source: an index that would save it
 * costs a row written for each row that is ever archived.
 *
 * @throws StratError ARCHIVE_CONFLICT where a row is not what its hash says
 */
export async function rowsOfBatch(archiving: Archiving, {batchId}: OpenBatch): Promise<ArchivedRow[]> {
  const {archive, from} = archiving
  const rows: ArchivedRow[] = []
  for (;;) {
    const [page] = await archive.read([
      {
        sql: `SELECT ${selectedColumns}, strategy, row_sha256 FROM trade_logs
          WHERE source_database_id = ? AND id > ? AND batch_id = ? ORDER BY id LIMIT ${pageSize}`,
        args: [from.databaseId, rows.at(-1)?.id ?? '', batchId],
      },
    ])
    for (const row of page?.rows ?? []) {
      const json = toRowJson(row)
      const sha256 = hashRow({...from, strategy: String(row['strategy'])}, json)
      if (sha256 !== row['row_sha256']) throw conflict(archiving, [String(row['id'])])
      const timestamp = row['timestamp']
      rows.push({id: String(row['id']), symbol: String(row['symbol']), json, sha256, timestamp: isKey(timestamp) ? timestamp : null})
    }
    if ((page?.rows.length ?? 0) < pageSize) return rows
  }
}

const isKey = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number'
