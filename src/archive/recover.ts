import type {Archiving, MovingRow, OpenBatch} from './archiving.ts'
import {deleteRows} from './delete.ts'
import {type Look, lookAtSource} from './look.ts'
import type {SealedLink} from './result.ts'
import type {InstantOf, Scan} from './scan.ts'
import {sealBatch} from './seal.ts'
import {forget, type Spool} from './spool.ts'
import {type ArchivedRow, rowsOfBatch, unsealedBatches} from './unsealed.ts'
import {isOver, takeOver, withdraw} from './withdraw.ts'

/**
 * What became of a batch that an earlier run has left: `sealed`; `withdrawn`, because the source has changed since, and has the rows; or
 * `pending`: it is to be withdrawn, but not before the time has passed in which that run's request may still arrive.
 */
export type Recovered = {outcome: 'sealed' | 'withdrawn' | 'pending'; rows: number; sealed?: SealedLink; symbols: string[]}

/** What recovering rests on: the scan of the source, which happened after those runs, or beside them. */
export type Found = {spool: Spool; scan: Scan; instantOf: InstantOf}

/** Whether a run may go on: with another batch, and with moving so many rows of it. */
export type MayFinish = {next: () => Promise<boolean>; move: (rows: number) => boolean}

/** Finishes every unsealed batch of the source from the archive's own copy. Batches that somebody else takes over meanwhile are left to them. */
export async function recover(archiving: Archiving, found: Found, may: MayFinish): Promise<Recovered[]> {
  const recovered: Recovered[] = []
  for (const left of await unsealedBatches(archiving)) {
    if (!(await may.next())) break
    const rows = await rowsOfBatch(archiving, left)
    const look = await lookAtSource(archiving, idsOf(rows))
    const symbols = [...new Set(rows.map(({symbol}) => symbol))]
    const deletes = isWhole(rows, look) && !hasOthers(found, left, rows, look)
    if ((deletes || look.rows.size === 0) && !may.move(rows.length)) break
    const isPending = !deletes && look.rows.size > 0 && !isOver(left.epoch, archiving.leaseMs, look.now)
    // It is not taken over for nothing, since whoever takes it over begins its time anew.
    const batch = isPending ? undefined : await takeOver(archiving, left, look.now)
    if (isPending) recovered.push({outcome: 'pending', rows: rows.length, symbols})
    if (batch) recovered.push({...(await finish(archiving, {...found, left, batch, rows, look, deletes})), symbols})
  }
  return recovered
}

type Finishing = Found & {left: OpenBatch; batch: OpenBatch; rows: ArchivedRow[]; look: Look; deletes: boolean}

async function finish(archiving: Archiving, {deletes, ...finishing}: Finishing): Promise<Omit<Recovered, 'symbols'>> {
  const {spool, left, batch, rows} = finishing
  const deletion = deletes ? await deleteWhole(archiving, finishing) : undefined
  // Of those that it does not have by now, nobody knows whether that run has deleted them, or the bot: so they stay in the archive.
  const look = deletion ? await lookAtSource(archiving, idsOf(rows)) : finishing.look
  const gone = rows.filter(({id}) => !look.rows.has(id))
  if (deletion?.outcome === 'deleted')
    forget(
      spool,
      [...finishing.look.rows.values()].map(({rowid}) => rowid),
    )
  const seal = async (open: OpenBatch): Promise<SealedLink> => ({
    id: open.batchId,
    rows: gone.length,
    head: await sealBatch(archiving, open, toMoving(gone, look), look.now),
  })
  if (rows.length > 0 && gone.length === rows.length) return {outcome: 'sealed', rows: rows.length, sealed: await seal(batch)}
  const isCertain = !deletion || deletion.outcome === 'deleted' || deletion.isCertain
  if (rows.length > 0 && !(isCertain && isOver(left.epoch, archiving.leaseMs, look.now))) return {outcome: 'pending', rows: rows.length}
  const rest = await withdraw(archiving, batch, [...look.rows.keys()], gone.length)
  return {outcome: 'withdrawn', rows: look.rows.size, ...(rest && {sealed: await seal(rest)})}
}

const idsOf = (rows: ArchivedRow[]) => rows.map(({id}) => id)

/** Whether the source has every row, and as the archive has it. */
const isWhole = (rows: ArchivedRow[], look: Look) => rows.length > 0 && rows.every(({id, json}) => look.rows.get(id)?.json === json)

function deleteWhole(archiving: Archiving, {scan, instantOf, batch, rows, look}: Omit<Finishing, 'deletes'>) {
  const guard = batch.isOpen ? {newest: undefined, cuts: {}} : {newest: scan.newest, cuts: cutsOf(rows, instantOf)}
  return deleteRows(archiving, batch, toMoving(rows, look), guard)
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

/** Whether the source has rows that must not stay behind: of a symbol of the batch, stamped at or before its cut, and not in it. */
function hasOthers({spool, instantOf}: Found, {isOpen}: OpenBatch, rows: ArchivedRow[], look: Look): boolean {
  if (isOpen) return false
  const select = spool.prepare(`SELECT 1 FROM json_each(?) AS cut CROSS JOIN row ON row.symbol = cut.key
    WHERE NOT coalesce(julianday(row.json ->> 1) > julianday(cut.value), 0) AND row.rowid NOT IN (SELECT value FROM json_each(?)) LIMIT 1`)
  const rowids = toMoving(rows, look).map(({rowid}) => rowid)
  return select.get(JSON.stringify(cutsOf(rows, instantOf)), JSON.stringify(rowids)) !== undefined
}
