import type {Row} from '@libsql/client'
import {conflict, unreadableEpoch} from './archive-errors.ts'
import type {Archiving, MovingRow, OpenBatch, Opened} from './archiving.ts'
import {hashRow} from './canonical.ts'
import {pagesOf} from './pages.ts'
import {settled} from './settled.ts'
import type {Spool} from './spool.ts'
import {selectedColumns, toRowJson} from './trade-row.ts'

/**
 * A batch that an earlier run has left: how many rows it copied, and whether a run has announced that it is about to delete them. A batch of
 * which none has, nobody but the bot can have taken anything away.
 */
export type LeftBatch = OpenBatch & {rowCount: number; isAnnounced: boolean}

/** The batches of the source that are not sealed, in the order in which they were begun. */
export async function unsealedBatches({archive, from}: Archiving): Promise<LeftBatch[]> {
  const [found] = await archive.read([
    {
      sql: `SELECT batch_id, copied_at, is_open, row_count, deleted_at FROM archive_batches
        WHERE source_database_id = ? AND sealed_at IS NULL ORDER BY rowid`,
      args: [from.databaseId],
    },
  ])
  return (found?.rows ?? []).map((row) => toLeftBatch(archive, row))
}

/** Whether nobody has gone on with a batch since it was read. It is asked with the write lock: a replica may be behind. */
export async function isAsRead({archive}: Archiving, {batchId, epoch, isAnnounced}: LeftBatch): Promise<boolean> {
  const statement = {
    sql: 'SELECT 1 FROM archive_batches WHERE batch_id = ? AND copied_at = ? AND sealed_at IS NULL AND (deleted_at IS NOT NULL) = ?',
    args: [batchId, epoch, BigInt(isAnnounced)],
  }
  const [found] = await settled(
    archive,
    () => archive.write([statement]),
    async () => undefined,
  )
  return (found?.rows.length ?? 0) > 0
}

/**
 * A batch that is not sealed, from its row.
 *
 * @throws StratError ARCHIVE_ALTERED where nobody can tell until when a run may delete its trades
 */
export function toLeftBatch({name}: Opened, row: Row): LeftBatch {
  const [batchId, epoch] = [String(row['batch_id']), String(row['copied_at'])]
  if (Number.isNaN(Date.parse(epoch))) throw unreadableEpoch(name, batchId, epoch)
  return {batchId, epoch, isOpen: row['is_open'] === 1, rowCount: Number(row['row_count']), isAnnounced: row['deleted_at'] !== null}
}

/**
 * Keeps the archive's own copies of unsealed batches in the spool. Reads once past all that the archive has of the source, however many
 * batches they are: an index that would save it costs a row written for each row that is ever archived.
 *
 * @throws StratError ARCHIVE_CONFLICT where a row is not what its hash says
 */
export async function keepCopies(archiving: Archiving, spool: Spool, batches: OpenBatch[]): Promise<void> {
  spool.exec('CREATE TABLE copied (batch_id TEXT NOT NULL, id TEXT NOT NULL, symbol TEXT NOT NULL, json TEXT NOT NULL, sha256 TEXT NOT NULL)')
  const insert = spool.prepare('INSERT INTO copied (batch_id, id, symbol, json, sha256) VALUES (?, ?, ?, ?, ?)')
  const batchIds = JSON.stringify(batches.map(({batchId}) => batchId))
  for await (const rows of pagesOf((after, limit) => readCopies(archiving, batchIds, after, limit))) {
    spool.exec('BEGIN')
    for (const row of rows) {
      const [id, json] = [String(row['id']), toRowJson(row)]
      const sha256 = hashRow({...archiving.from, strategy: String(row['strategy'])}, json)
      if (sha256 !== row['row_sha256']) throw conflict(archiving, [id])
      insert.run(String(row['batch_id']), id, String(row['symbol']), json, sha256)
    }
    spool.exec('COMMIT')
  }
  spool.exec('CREATE INDEX copied_by_batch ON copied (batch_id)')
}

async function readCopies({archive, from}: Archiving, batchIds: string, after: Row | undefined, limit: number): Promise<Row[]> {
  const [page] = await archive.read([
    {
      // Of these rows each is read once, whatever its batch: `+` keeps the list of batches from leading.
      sql: `SELECT ${selectedColumns}, strategy, row_sha256, batch_id FROM trade_logs
        WHERE source_database_id = ? AND id ${after ? '>' : '>='} ? AND +batch_id IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ${limit}`,
      args: [from.databaseId, after?.['id'] ?? '', batchIds],
    },
  ])
  return page?.rows ?? []
}

/** The copies of one batch. */
export function copiesOf(spool: Spool, {batchId}: OpenBatch): Omit<MovingRow, 'rowid'>[] {
  const rows = spool.prepare('SELECT id, symbol, json, sha256 FROM copied WHERE batch_id = ?').all(batchId)
  return rows.map(({id, symbol, json, sha256}) => ({id: String(id), symbol: String(symbol), json: String(json), sha256: String(sha256)}))
}
