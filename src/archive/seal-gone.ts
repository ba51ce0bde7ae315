import type {PlatformDatabase} from '../platform/platform.ts'
import {type Archiving, clock, type OpenBatch, type Opened} from './archiving.ts'
import type {SealedLink} from './result.ts'
import {sealBatch} from './seal.ts'
import {usingSpool} from './spool.ts'
import {Steps} from './steps.ts'
import {copiesOf, keepCopies, toOpenBatch} from './unsealed.ts'
import {isOver, takeOver, withdraw} from './withdraw.ts'

export type SealGone = {
  archive: Opened
  toolVersion: string
  leaseMs: number
  listDatabases: () => Promise<Pick<PlatformDatabase, 'id'>[]>
}

type Left = OpenBatch & {databaseId: string}

/**
 * Seals the batches that are left of databases which the platform no longer has: no run on these will come, and their trades are nowhere else.
 * Empty ones are removed.
 *
 * @throws StratError ARCHIVE_CONFLICT, ARCHIVE_RACE, and those of the archive and the platform
 */
export async function sealGone({archive, toolVersion, leaseMs, listDatabases}: SealGone): Promise<SealedLink[]> {
  const {now, batches} = await unsealedOfAll(archive)
  if (batches.length === 0) return []
  // After the batches: a database that is not there any more now was not made since.
  const present = new Set((await listDatabases()).map(({id}) => id))
  const gone = batches.filter(({databaseId, epoch}) => !present.has(databaseId) && isOver(epoch, leaseMs, now))
  const sealed: SealedLink[] = []
  for (const [databaseId, left] of Map.groupBy(gone, (batch) => batch.databaseId)) {
    // Sealing asks nothing of the source.
    const archiving: Archiving = {
      source: archive,
      archive,
      from: {databaseId, strategy: databaseId},
      toolVersion,
      leaseMs,
      steps: new Steps(() => archive.requests),
    }
    sealed.push(...(await sealAll(archiving, left, now)))
  }
  return sealed
}

async function unsealedOfAll(archive: Opened): Promise<{now: string; batches: Left[]}> {
  const [time, found] = await archive.read([
    {sql: `SELECT ${clock} AS now`, args: []},
    {sql: 'SELECT batch_id, source_database_id, copied_at, is_open FROM archive_batches WHERE sealed_at IS NULL ORDER BY rowid', args: []},
  ])
  const batches = (found?.rows ?? []).map((row) => ({...toOpenBatch(archive, row), databaseId: String(row['source_database_id'])}))
  return {now: String(time?.rows[0]?.['now']), batches}
}

const sealAll = (archiving: Archiving, left: Left[], now: string): Promise<SealedLink[]> =>
  usingSpool(async (spool) => {
    await keepCopies(archiving, spool, left)
    const sealed: SealedLink[] = []
    for (const each of left) {
      const rows = copiesOf(spool, each).map((copy) => ({...copy, rowid: 0}))
      const batch = await takeOver(archiving, each, now)
      if (batch && rows.length === 0) await withdraw(archiving, batch, [])
      else if (batch) sealed.push({id: batch.batchId, rows: rows.length, head: await sealBatch(archiving, batch, rows, now)})
    }
    return sealed
  })
