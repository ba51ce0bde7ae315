import type {Row} from '@libsql/client'
import {messageOf, StratError} from '../errors.ts'
import type {PlatformDatabase} from '../platform/platform.ts'
import {namesake, unannounced} from './archive-errors.ts'
import {type Archiving, clock, defaultLeaseMs, endOf, type OpenBatch, type Opened} from './archiving.ts'
import type {LeftOfGone} from './fleet-result.ts'
import type {SealedLink} from './result.ts'
import {sealBatch} from './seal.ts'
import {usingSpool} from './spool.ts'
import {Steps} from './steps.ts'
import {copiesOf, keepCopies, type LeftBatch, toLeftBatch} from './unsealed.ts'
import {takeOver, withdraw} from './withdraw.ts'

/** How long a batch stays as it is whose database is not there, a day: it may be restored, or a list may lack it. */
export const goneAfterMs = 24 * 60 * 60_000

export type SealGone = {
  archive: Opened
  toolVersion: string
  goneAfterMs: number
  listDatabases: () => Promise<Pick<PlatformDatabase, 'id' | 'name'>[]>
}

/** What was sealed, and what could not be. */
export type SealedGone = {sealed: SealedLink[]; failed: LeftOfGone[]}

/**
 * Seals the batches that are left of databases which the platform no longer has: no run on these will come, and a run was about to delete their
 * trades, so they may be nowhere else.
 * Empty ones are removed. Nothing is done by a list that lacks the archive itself, nor to trades of a name that another database has now.
 *
 * @returns also what failed, of which nothing stops the others
 * @throws StratError those of reading the archive and of the platform
 */
export async function sealGone({archive, toolVersion, goneAfterMs, listDatabases}: SealGone): Promise<SealedGone> {
  const result: SealedGone = {sealed: [], failed: []}
  const {now, rows} = await unsealedOfAll(archive)
  if (rows.length === 0) return result
  // After the batches: a database that is not there any more now was not made since.
  const present = await listDatabases()
  if (!present.some(({name}) => name === archive.name)) return result
  const ids = new Set(present.map(({id}) => id))
  const names = new Set(present.map(({name}) => name))
  const gone = rows.filter((row) => !ids.has(String(row['source_database_id'])))
  for (const [databaseId, left] of Map.groupBy(gone, (row) => String(row['source_database_id']))) {
    const from = {databaseId, strategy: databaseId}
    try {
      const batches = left.map((row) => toLeftBatch(archive, row)).filter(({epoch}) => now >= endOf(epoch, goneAfterMs))
      if (batches.length === 0) continue
      const strategies = await strategiesOf(archive, databaseId, batches)
      from.strategy = strategies[0] ?? databaseId
      const taken = strategies.find((name) => names.has(name))
      if (taken !== undefined) throw namesake(archive.name, {databaseId, strategy: taken}, batches)
      // Sealing asks nothing of the source.
      const steps = new Steps(() => archive.requests)
      const undecided = await sealAll({source: archive, archive, from, toolVersion, leaseMs: defaultLeaseMs, steps}, batches, now, result.sealed)
      if (undecided.length > 0) throw unannounced(archive.name, from, undecided)
    } catch (error) {
      result.failed.push(toLeft(from.strategy, error))
    }
  }
  return result
}

/** Why what is left of databases that are gone could not be sealed. */
export function toLeft(name: string, error: unknown): LeftOfGone {
  const {code, message, suggestions} = error instanceof StratError ? error : new StratError('UNEXPECTED', messageOf(error))
  return {name, reason: message, code, suggestions}
}

async function unsealedOfAll(archive: Opened): Promise<{now: string; rows: Row[]}> {
  const [time, found] = await archive.read([
    {sql: `SELECT ${clock} AS now`, args: []},
    {
      sql: 'SELECT batch_id, source_database_id, copied_at, is_open, row_count, deleted_at FROM archive_batches WHERE sealed_at IS NULL ORDER BY rowid',
      args: [],
    },
  ])
  return {now: String(time?.rows[0]?.['now']), rows: found?.rows ?? []}
}

/** By which names the trades of some batches came. Reads past all that the archive has of their database. */
async function strategiesOf(archive: Opened, databaseId: string, batches: OpenBatch[]): Promise<string[]> {
  const sql = 'SELECT DISTINCT strategy FROM trade_logs WHERE source_database_id = ? AND +batch_id IN (SELECT value FROM json_each(?))'
  const [found] = await archive.read([{sql, args: [databaseId, JSON.stringify(batches.map(({batchId}) => batchId))]}])
  return (found?.rows ?? []).map((row) => String(row['strategy']))
}

/** Returns those that it leaves, as their trades may be elsewhere. */
const sealAll = (archiving: Archiving, left: LeftBatch[], now: string, sealed: SealedLink[]): Promise<LeftBatch[]> =>
  usingSpool(async (spool) => {
    await keepCopies(archiving, spool, left)
    const undecided: LeftBatch[] = []
    for (const each of left) {
      const rows = copiesOf(spool, each).map((copy) => ({...copy, rowid: 0}))
      if (rows.length > 0 && !each.isAnnounced) {
        undecided.push(each)
        continue
      }
      const batch = await takeOver(archiving, each, now)
      if (batch && rows.length === 0) await withdraw(archiving, batch, [])
      else if (batch) sealed.push({id: batch.batchId, rows: rows.length, head: await sealBatch(archiving, batch, rows, now)})
    }
    return undecided
  })
