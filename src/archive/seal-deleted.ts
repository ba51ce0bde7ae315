import {randomUUID} from 'node:crypto'
import {hasCode} from '../errors.ts'
import {conflict, withoutBatch} from './archive-errors.ts'
import {type Archiving, epochAt, type MovingRow, type OpenBatch} from './archiving.ts'
import {hashRow} from './canonical.ts'
import {copyBatch} from './copy.ts'
import type {SealedLink} from './result.ts'
import {sealBatch} from './seal.ts'
import {verifyBatch} from './verify.ts'
import {takeOver, withdraw} from './withdraw.ts'

type Owned = {batch: OpenBatch; rows: MovingRow[]}

/** How often another run may come between. */
const maxAttempts = 5

/**
 * Seals a batch whose rows are certainly gone from the source. They are nowhere else, so another run does not end this: its batch is taken
 * back from it, and rows whose copies it has taken away, as where a clock was set, are copied once more.
 *
 * @returns undefined where another run has sealed it
 * @throws StratError ARCHIVE_CONFLICT, ARCHIVE_RACE, and those of the archive
 */
export async function sealDeleted(archiving: Archiving, batch: OpenBatch, rows: MovingRow[], deletedAt: string): Promise<SealedLink | undefined> {
  let owned: Owned | undefined = {batch, rows}
  for (let left = maxAttempts; owned; left--) {
    try {
      const head = await sealBatch(archiving, owned.batch, owned.rows, deletedAt)
      return {id: owned.batch.batchId, rows: owned.rows.length, head}
    } catch (error) {
      if (!hasCode(error, 'ARCHIVE_RACE') || left === 0) throw error
      owned = await regain(archiving, owned, deletedAt)
    }
  }
  return undefined
}

async function regain(archiving: Archiving, {batch, rows}: Owned, now: string): Promise<Owned | undefined> {
  const {batchId} = batch
  const [found] = await archiving.archive.read([{sql: 'SELECT copied_at, sealed_at FROM archive_batches WHERE batch_id = ?', args: [batchId]}])
  const manifest = found?.rows[0]
  if (!manifest) return copyAgain(archiving, {batch, rows}, now)
  if (manifest['sealed_at'] !== null) return undefined
  const known = {...batch, epoch: String(manifest['copied_at'])}
  return {batch: (await takeOver(archiving, known, now)) ?? known, rows}
}

async function copyAgain(archiving: Archiving, {batch, rows}: Owned, now: string): Promise<Owned | undefined> {
  const again: OpenBatch = {batchId: randomUUID(), epoch: epochAt(now, batch.epoch), isOpen: batch.isOpen}
  // An earlier run may have copied them under another name of the strategy.
  const renamed = rows.map((row) => ({...row, sha256: hashRow(archiving.from, row.json)}))
  await copyBatch(archiving, again, renamed, now)
  const {own, contested, conflicts, unbatched} = await verifyBatch(archiving, again, renamed, {announces: false})
  const ids = (list: MovingRow[]) => list.map(({id}) => id)
  if (own.length === 0 || contested.length + conflicts.length + unbatched.length > 0) await withdraw(archiving, again, ids(renamed))
  if (conflicts.length > 0) throw conflict(archiving, ids(conflicts))
  if (unbatched.length > 0) throw withoutBatch(archiving, ids(unbatched))
  // Somebody else copies them at this moment: what becomes of that is looked at once more.
  if (contested.length > 0) return {batch, rows}
  return own.length > 0 ? {batch: again, rows: own} : undefined
}
