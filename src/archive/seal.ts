import {takenOver} from './archive-errors.ts'
import {type Archiving, clock, type MovingRow, type OpenBatch} from './archiving.ts'
import {hashHead, hashRows, type SealedBatch} from './canonical.ts'
import {settled} from './settled.ts'

/**
 * Seals a batch that is gone from the source: gives it the place after the last one in the chain. Where another batch takes that place
 * first, this one takes the next.
 *
 * @param deletedAt the source's clock when its rows were certainly gone
 * @returns the head of the chain
 * @throws StratError ARCHIVE_RACE where the batch is no longer this run's
 */
export function sealBatch(archiving: Archiving, batch: OpenBatch, rows: MovingRow[], deletedAt: string): Promise<string> {
  return archiving.steps.take('seal', rows.length, async () => {
    for (;;) {
      const head = await readHead(archiving, batch)
      if ('sealedAs' in head) return head.sealedAs
      const sealed = toSealed(archiving, batch, rows, {...head, deletedAt})
      const sha256 = hashHead(sealed)
      if (await moveHead(archiving, sealed, sha256)) return sha256
    }
  })
}

type Head = {sequence: number; prevSha256: string | null; sealedAt: string} | {sealedAs: string}

async function readHead(archiving: Archiving, {batchId, epoch}: OpenBatch): Promise<Head> {
  const [last, own] = await archiving.archive.read([
    {sql: `SELECT sequence, head_sha256 FROM archive_batches WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1`, args: []},
    {sql: `SELECT copied_at, head_sha256, ${clock} AS now FROM archive_batches WHERE batch_id = ?`, args: [batchId]},
  ])
  const found = own?.rows[0]
  if (found?.['copied_at'] !== epoch) throw takenOver(archiving)
  if (typeof found['head_sha256'] === 'string') return {sealedAs: found['head_sha256']}
  const newest = last?.rows[0]
  return {sequence: Number(newest?.['sequence'] ?? 0) + 1, prevSha256: newest ? String(newest['head_sha256']) : null, sealedAt: String(found['now'])}
}

function toSealed(
  {from, toolVersion}: Archiving,
  {batchId, epoch, isOpen}: OpenBatch,
  rows: MovingRow[],
  head: {sequence: number; prevSha256: string | null; sealedAt: string; deletedAt: string},
): SealedBatch {
  return {batchId, databaseId: from.databaseId, isOpen, rowCount: rows.length, rowsSha256: hashRows(rows), copiedAt: epoch, toolVersion, ...head}
}

/** The head of the chain moves by this one statement: it does nothing where another head is there by now. */
async function moveHead({archive}: Archiving, sealed: SealedBatch, sha256: string): Promise<boolean> {
  const {batchId, sequence, rowCount, rowsSha256, prevSha256, copiedAt, deletedAt, sealedAt, toolVersion} = sealed
  const statement = {
    sql: `UPDATE archive_batches SET sequence = ?3, row_count = ?4, rows_sha256 = ?5, prev_sha256 = ?6, head_sha256 = ?7, deleted_at = ?8, sealed_at = ?9,
        tool_version = ?10
      WHERE batch_id = ?1 AND copied_at = ?2 AND sealed_at IS NULL
        AND (SELECT head_sha256 FROM archive_batches WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1) IS ?6`,
    args: [batchId, copiedAt, BigInt(sequence), BigInt(rowCount), rowsSha256, prevSha256, sha256, deletedAt, sealedAt, toolVersion],
  }
  // Whether it was moved, the next reading of the head tells as well.
  return settled(
    archive,
    async () => (await archive.write([statement]))[0]?.rowsAffected === 1,
    async () => false,
  )
}
