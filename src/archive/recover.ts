import type {Archiving, MovingRow, OpenBatch} from './archiving.ts'
import {deleteRows} from './delete.ts'
import {type Look, lookAtSource} from './look.ts'
import type {InstantOf, Scan} from './scan.ts'
import {sealBatch} from './seal.ts'
import {forget, type Spool} from './spool.ts'
import {type ArchivedRow, rowsOfBatch, unsealedBatches} from './unsealed.ts'
import {isOver, takeOver, withdraw} from './withdraw.ts'

/**
 * What became of a batch that an earlier run has left: `sealed`; `withdrawn`, because the source has changed since, and has the rows; or
 * `pending`: it is to be withdrawn, but not before the time has passed in which that run's request may still arrive.
 */
export type Recovered = {outcome: 'sealed' | 'withdrawn' | 'pending'; rows: number; head?: string; symbols: string[]}

/** What recovering rests on: the scan of the source, which happened after those runs, or beside them. */
export type Found = {spool: Spool; scan: Scan; instantOf: InstantOf}

/** Finishes every unsealed batch of the source from the archive's own copy. Batches that somebody else takes over meanwhile are left to them. */
export async function recover(archiving: Archiving, found: Found): Promise<Recovered[]> {
  const recovered: Recovered[] = []
  for (const left of await unsealedBatches(archiving)) {
    const batch = await takeOver(archiving, left, (await lookAtSource(archiving, [])).now)
    if (batch) recovered.push(await finish(archiving, {...found, left, batch}))
  }
  return recovered
}

type Finishing = Found & {left: OpenBatch; batch: OpenBatch}

async function finish(archiving: Archiving, finishing: Finishing): Promise<Recovered> {
  const {spool, left, batch} = finishing
  const rows = await rowsOfBatch(archiving, batch)
  const symbols = [...new Set(rows.map(({symbol}) => symbol))]
  const ids = rows.map(({id}) => id)
  const first = await lookAtSource(archiving, ids)
  const isWhole = rows.every(({id, json}) => first.rows.get(id)?.json === json)
  const deletion = isWhole && rows.length > 0 ? await deleteWhole(archiving, finishing, rows, first) : undefined
  // Of those that it does not have by now, nobody knows whether that run has deleted them, or the bot: so they stay in the archive.
  const look = deletion ? await lookAtSource(archiving, ids) : first
  const gone = rows.filter(({id}) => !look.rows.has(id))
  const isOurs = deletion?.outcome === 'deleted'
  if (isOurs)
    forget(
      spool,
      [...first.rows.values()].map(({rowid}) => rowid),
    )
  const seal = (sealed: OpenBatch) => sealBatch(archiving, sealed, toMoving(gone, look), look.now)
  if (rows.length > 0 && gone.length === rows.length) return {outcome: 'sealed', rows: rows.length, symbols, head: await seal(batch)}
  const isCertain = !deletion || deletion.outcome === 'deleted' || deletion.isCertain
  if (rows.length > 0 && !(isCertain && isOver(left.epoch, archiving.leaseMs, look.now))) return {outcome: 'pending', rows: rows.length, symbols}
  const rest = await withdraw(archiving, batch, [...look.rows.keys()], gone.length)
  return {outcome: 'withdrawn', rows: look.rows.size, symbols, ...(rest && {head: await seal(rest)})}
}

/** Deletes rows that the source has as the archive has them, unless others have come beside them since they were copied. */
async function deleteWhole(archiving: Archiving, {spool, scan, instantOf, batch}: Finishing, rows: ArchivedRow[], look: Look) {
  const moving = toMoving(rows, look)
  const cuts = batch.isOpen ? {} : cutsOf(rows, instantOf)
  if (hasOthers(spool, cuts, moving)) return {outcome: 'late' as const, isCertain: true}
  return deleteRows(archiving, batch, moving, {newest: batch.isOpen ? undefined : scan.newest, cuts})
}

const toMoving = (rows: ArchivedRow[], look: Look): MovingRow[] =>
  rows.map(({id, symbol, json, sha256}) => ({id, symbol, json, sha256, rowid: look.rows.get(id)?.rowid ?? 0}))

/** By symbol, the timestamp of its last row. */
function cutsOf(rows: ArchivedRow[], instantOf: InstantOf): Record<string, string | number | null> {
  const cuts = new Map<string, ArchivedRow>()
  const instant = ({timestamp}: ArchivedRow) => instantOf(timestamp === null ? null : String(timestamp)) ?? ''
  for (const row of rows) {
    const last = cuts.get(row.symbol)
    if (!last || instant(row) > instant(last)) cuts.set(row.symbol, row)
  }
  return Object.fromEntries([...cuts].map(([symbol, {timestamp}]) => [symbol, timestamp]))
}

/** Whether a row of a symbol is stamped at or before its cut and is not one of these. */
function hasOthers(spool: Spool, cuts: Record<string, string | number | null>, rows: MovingRow[]): boolean {
  const select = spool.prepare(`SELECT 1 FROM json_each(?) AS cut CROSS JOIN row ON row.symbol = cut.key
    WHERE NOT coalesce(julianday(row.json ->> 1) > julianday(cut.value), 0) AND row.rowid NOT IN (SELECT value FROM json_each(?)) LIMIT 1`)
  return select.get(JSON.stringify(cuts), JSON.stringify(rows.map(({rowid}) => rowid))) !== undefined
}
