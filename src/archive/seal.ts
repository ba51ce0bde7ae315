import {StratError} from '../errors.ts'
import {Retryable, retrying} from '../retry.ts'
import {takenOver} from './archive-errors.ts'
import {type Archiving, clock, type MovingRow, type OpenBatch} from './archiving.ts'
import {hashHead, hashRows, type SealedBatch} from './canonical.ts'
import {movingCuts} from './cuts.ts'
import {toHead} from './head.ts'
import {selectLastBatch} from './manifests.ts'
import {settled} from './settled.ts'

/**
 * Seals a batch that is gone from the source: gives it the place after the last one in the chain. Where another batch takes that place
 * first, this one takes the next.
 *
 * @param deletedAt the source's clock when its rows were certainly gone
 * @returns the head of the chain
 * @throws StratError ARCHIVE_RACE where the batch is no longer this run's; ARCHIVE_ALTERED; DATABASE_BUSY where others are always faster. Then
 * the next run seals it.
 */
export function sealBatch(archiving: Archiving, batch: OpenBatch, rows: MovingRow[], deletedAt: string): Promise<string> {
  return archiving.steps.take('seal', rows.length, () =>
    retrying(async () => {
      const place = await readPlace(archiving, batch)
      if ('sealedAs' in place) return place.sealedAs
      const sealed = toSealed(archiving, batch, rows, {...place, deletedAt})
      const sha256 = hashHead(sealed)
      if (await moveHead(archiving, sealed, sha256, rows)) return sha256
      throw new Retryable(busy(archiving), {patienceMs: archiving.leaseMs})
    }),
  )
}

type Place = {sequence: number; prevSha256: string | null; sealedAt: string}

/** The place after the last batch; or what it is sealed as, where this was done and the reply was lost. */
async function readPlace(archiving: Archiving, {batchId, epoch}: OpenBatch): Promise<Place | {sealedAs: string}> {
  const [last, own] = await archiving.archive.read([
    selectLastBatch,
    {sql: `SELECT copied_at, head_sha256, ${clock} AS now FROM archive_batches WHERE batch_id = ?`, args: [batchId]},
  ])
  const found = own?.rows[0]
  if (found?.['copied_at'] !== epoch) throw takenOver(archiving)
  if (typeof found['head_sha256'] === 'string') return {sealedAs: found['head_sha256']}
  const head = toHead(archiving.archive, last?.rows[0])
  return {sequence: (head?.sequence ?? 0) + 1, prevSha256: head?.sha256 ?? null, sealedAt: String(found['now'])}
}

function toSealed({from, toolVersion}: Archiving, {batchId, epoch, isOpen}: OpenBatch, rows: MovingRow[], place: Place & {deletedAt: string}): SealedBatch {
  return {batchId, databaseId: from.databaseId, isOpen, rowCount: rows.length, rowsSha256: hashRows(rows), copiedAt: epoch, toolVersion, ...place}
}

/** The head of the chain moves by this one statement: it does nothing where another head is there by now. */
async function moveHead(archiving: Archiving, sealed: SealedBatch, sha256: string, rows: MovingRow[]): Promise<boolean> {
  const {archive} = archiving
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
    async () => (await archive.write([statement, movingCuts(archiving, rows)]))[0]?.rowsAffected === 1,
    async () => false,
  )
}

const busy = ({archive, from}: Archiving) =>
  new StratError('DATABASE_BUSY', `Others seal batches in ${archive.name} all the time, so one of ${from.strategy} could not be sealed.`, {
    suggestions: ['Run the same command again when they are done: it seals that batch, in which its trades are.'],
  })
