import {takenOver} from './archive-errors.ts'
import {type Archiving, endOf, epochAt, type OpenBatch} from './archiving.ts'
import {failWhere, wordOf} from './fail-where.ts'
import {settled} from './settled.ts'

/**
 * Takes the copies of an unsealed batch out of the archive again, all of them and the batch, because the source has the rows.
 * Only for who knows that no request is under way which would delete them there.
 *
 * @throws StratError ARCHIVE_RACE where the batch is no longer this run's
 */
export async function withdraw(archiving: Archiving, batch: OpenBatch, ids: string[]): Promise<void> {
  const {archive, from} = archiving
  const isTakenOver = 'NOT EXISTS (SELECT 1 FROM archive_batches WHERE batch_id = ?1 AND copied_at = ?2 AND sealed_at IS NULL)'
  const statements = [
    failWhere([[isTakenOver, 'taken']], [batch.batchId, batch.epoch]),
    {
      sql: 'DELETE FROM trade_logs WHERE source_database_id = ? AND id IN (SELECT value FROM json_each(?)) AND batch_id = ?',
      args: [from.databaseId, JSON.stringify(ids), batch.batchId],
    },
    {sql: 'DELETE FROM archive_batches WHERE batch_id = ?', args: [batch.batchId]},
  ]
  const isDone = async () => {
    const [found] = await archive.read([{sql: 'SELECT 1 FROM archive_batches WHERE batch_id = ?', args: [batch.batchId]}])
    return found?.rows.length ? undefined : true
  }
  await settled(archive, () => archive.write(statements).then(() => true), isDone).catch((error) => {
    throw wordOf(error) === 'taken' ? takenOver(archiving) : error
  })
}

/**
 * Makes an unsealed batch this run's own. With `announces` it says as the first one that it is about to delete the trades.
 *
 * @returns undefined where somebody else was faster
 */
export async function takeOver(archiving: Archiving, batch: OpenBatch, now: string, {announces = false} = {}): Promise<OpenBatch | undefined> {
  const {archive} = archiving
  const taken = {...batch, epoch: epochAt(now, batch.epoch)}
  const statement = {
    sql: `UPDATE archive_batches SET copied_at = ?1${announces ? ', deleted_at = ?4' : ''}
      WHERE batch_id = ?2 AND copied_at = ?3 AND sealed_at IS NULL${announces ? ' AND deleted_at IS NULL' : ''}`,
    args: [taken.epoch, batch.batchId, batch.epoch, ...(announces ? [now] : [])],
  }
  const isOurs = await settled(
    archive,
    async () => (await archive.write([statement]))[0]?.rowsAffected === 1,
    async () => ((await epochOf(archiving, batch)) === taken.epoch ? true : undefined),
  )
  // A second sending of it finds what the first one, whose reply was lost, has done.
  return isOurs || (await epochOf(archiving, batch)) === taken.epoch ? taken : undefined
}

async function epochOf({archive}: Archiving, {batchId}: OpenBatch): Promise<string | undefined> {
  const [found] = await archive.read([{sql: 'SELECT copied_at FROM archive_batches WHERE batch_id = ? AND sealed_at IS NULL', args: [batchId]}])
  const epoch = found?.rows[0]?.['copied_at']
  return typeof epoch === 'string' ? epoch : undefined
}

/** Of a lease, how much longer is waited before copies are taken back: a minute of five, should the clock be set. */
const margin = 0.2

/** Whether by this instant of the source's clock nobody can delete any more on the word of that epoch. */
export const isOver = (epoch: string, leaseMs: number, now: string) => now >= endOf(epoch, leaseMs * (1 + margin))
