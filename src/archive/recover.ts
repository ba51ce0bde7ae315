import {undecided, wouldBeLost} from './archive-errors.ts'
import type {Archiving, MovingRow, OpenBatch} from './archiving.ts'
import {deleteRows} from './delete.ts'
import {guardOf, hasBesides, type Scanned, type Staying, stayingRows} from './guard.ts'
import {type Look, lookDecisively} from './look.ts'
import type {SealedLink} from './result.ts'
import {sealDeleted} from './seal-deleted.ts'
import {forget} from './spool.ts'
import {copiesOf, isAsRead, keepCopies, type LeftBatch, unsealedBatches} from './unsealed.ts'
import {isOver, takeOver, withdraw} from './withdraw.ts'

/**
 * What became of a batch that an earlier run has left: `sealed`; `withdrawn`, because the source has its rows, and not as they could be deleted; or
 * `pending`: it is to be withdrawn, but not before the time has passed in which that run's request may still arrive.
 */
export type Recovered = {outcome: 'sealed' | 'withdrawn' | 'pending'; rows: number; sealed?: SealedLink; symbols: string[]}

/**
 * What recovering rests on: the scan of the source, which happened after those runs, or beside them; and whether in a symbol a position is
 * open now, whatever was when its trades were copied. `isLast`: the source is about to be deleted with all that is in it. Then nothing is asked
 * that would keep trades there, and nothing is taken back.
 */
export type Found = Scanned & {hasPosition: (symbol: string) => boolean; isLast: boolean}

/** Whether a run may go on: with another batch, and with moving so many rows of it. */
export type MayFinish = {next: () => Promise<boolean>; move: (rows: number) => boolean}

/**
 * Finishes every unsealed batch of the source from the archive's own copy. Batches that somebody else takes over meanwhile are left to them.
 *
 * @throws StratError ARCHIVE_UNDECIDED where the source lacks rows of a batch which no run has deleted, ARCHIVE_CONFLICT, ARCHIVE_RACE
 */
export async function recover(archiving: Archiving, found: Found, may: MayFinish): Promise<Recovered[]> {
  const batches = await unsealedBatches(archiving)
  if (batches.length === 0) return []
  await keepCopies(archiving, found.spool, batches)
  const staying = stayingRows(found, 'id NOT IN (SELECT id FROM copied)')
  const recovered: Recovered[] = []
  for (const left of batches) {
    if (!(await may.next())) break
    const copies = copiesOf(found.spool, left)
    const look = await lookDecisively(
      archiving,
      copies.map(({id}) => id),
    )
    const rows = copies.map((copy) => ({...copy, rowid: look.rows.get(copy.id)?.rowid ?? 0}))
    const outcome = await finish(archiving, {...found, staying, left, rows, look}, may)
    if (outcome) recovered.push({...outcome, rows: rows.length, symbols: [...new Set(rows.map(({symbol}) => symbol))]})
  }
  return recovered
}

type Finishing = Found & {staying: Staying; left: LeftBatch; rows: MovingRow[]; look: Look}
type Outcome = Pick<Recovered, 'outcome' | 'sealed'>

/** Undefined: somebody else is at it, or it may not be moved. */
async function finish(archiving: Archiving, finishing: Finishing, may: MayFinish): Promise<Outcome | undefined> {
  const {left, rows, look, isLast} = finishing
  const missing = rows.filter(({id}) => !look.rows.has(id)).map(({id}) => id)
  const isEmpty = rows.length === 0
  const isDeletable = !isEmpty && rows.length === left.rowCount && isWhole(rows, look) && mayGo(finishing)
  const isDeleted = !isEmpty && missing.length === rows.length && left.isAnnounced
  const isUnderWay = !isEmpty && !isOver(left.epoch, archiving.leaseMs, look.now)
  // It is not taken over for nothing, since whoever takes it over begins its time anew.
  if (!isDeleted && !isDeletable && isUnderWay) return {outcome: 'pending'}
  if (!isDeleted && missing.length > 0) {
    if (!(await isAsRead(archiving, left))) return undefined
    throw undecided(archiving, left, missing, rows.length)
  }
  if (isLast && !isEmpty && !isDeleted && !isDeletable) throw wouldBeLost(archiving, left, rows.length)
  if ((isDeleted || isDeletable) && !may.move(rows.length)) return undefined
  const batch = await takeOver(archiving, left, look.now, {announces: isDeletable && !left.isAnnounced})
  if (!batch) return undefined
  if (isDeleted) return seal(archiving, batch, rows, look.now)
  const guard = isLast || batch.isOpen ? undefined : guardOf(finishing, rows, finishing.staying)
  const deletion = isDeletable ? await deleteRows(archiving, batch, rows, guard) : undefined
  if (deletion?.outcome === 'deleted') return deleted(archiving, finishing, batch, deletion.now)
  // Those that are missing by now nobody but the bot can have deleted; of a batch that no run had announced, none but this one could.
  if ((isUnderWay && left.isAnnounced) || (isLast && deletion) || (deletion && !deletion.isCertain)) return {outcome: 'pending'}
  await withdraw(
    archiving,
    batch,
    rows.map(({id}) => id),
  )
  return {outcome: 'withdrawn'}
}

async function deleted(archiving: Archiving, {spool, rows}: Finishing, batch: OpenBatch, now: string): Promise<Outcome> {
  forget(
    spool,
    rows.map(({rowid}) => rowid),
  )
  return seal(archiving, batch, rows, now)
}

async function seal(archiving: Archiving, batch: OpenBatch, rows: MovingRow[], deletedAt: string): Promise<Outcome> {
  const sealed = await sealDeleted(archiving, batch, rows, deletedAt)
  return {outcome: 'sealed', ...(sealed && {sealed})}
}

/** Whether the source has every row, and as the archive has it. */
const isWhole = (rows: MovingRow[], look: Look) => rows.every(({id, json}) => look.rows.get(id)?.json === json)

/** Whether the rows are closed still: no position is open, and none has come beside them. Of a strategy that is destroyed all go. */
const mayGo = ({hasPosition, isLast, left, rows, ...scanned}: Finishing) =>
  isLast || left.isOpen || !(rows.some(({symbol}) => hasPosition(symbol)) || hasBesides(scanned, rows))
