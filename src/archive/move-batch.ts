import {randomUUID} from 'node:crypto'
import {conflict, takenOver, withoutBatch} from './archive-errors.ts'
import {type Archiving, epochAt, type MovingRow, type OpenBatch} from './archiving.ts'
import {copyBatch} from './copy.ts'
import {deleteRows} from './delete.ts'
import {type Guard, guardArguments, isNewestGone, lateRows} from './guard.ts'
import {lookAtSource} from './look.ts'
import type {LeftReason, SealedLink} from './result.ts'
import {sealDeleted} from './seal-deleted.ts'
import {verifyBatch} from './verify.ts'
import {withdraw} from './withdraw.ts'

/** How one batch is moved. `now` is the source's clock, not long ago; without `deletes` it is only copied and verified, without `guard` nothing that stays beside it matters. */
export type BatchInput = {rows: MovingRow[]; guard: Guard | undefined; now: string; isOpen: boolean; deletes: boolean}

/** `refused`: nothing was deleted, because of these symbols; where there is none, because the source is not what it was when it was read. */
export type BatchResult =
  | {outcome: 'moved'; now: string; sealed: SealedLink | undefined}
  | {outcome: 'copied'}
  | {outcome: 'refused'; left: Map<string, LeftReason>}

/**
 * Moves rows: copies, verifies, deletes, seals. Killed anywhere, it leaves them in the source, in an unsealed batch, or in both.
 *
 * @throws StratError ARCHIVE_CONFLICT, ARCHIVE_RACE, and those of the databases
 */
export async function moveBatch(archiving: Archiving, {rows, guard, now, isOpen, deletes}: BatchInput): Promise<BatchResult> {
  const batch: OpenBatch = {batchId: randomUUID(), epoch: epochAt(now), isOpen}
  await copyBatch(archiving, batch, rows)
  const {own, contested, conflicts, unbatched} = await verifyBatch(archiving, batch, rows, {announces: deletes})
  const ids = idsOf(rows)
  // What a sealed batch has had before needs no other.
  const isNeedless = own.length === 0
  if (contested.length + conflicts.length + unbatched.length > 0) {
    await withdraw(archiving, batch, ids)
    if (conflicts.length > 0) throw conflict(archiving, idsOf(conflicts))
    throw unbatched.length > 0 ? withoutBatch(archiving, idsOf(unbatched)) : takenOver(archiving)
  }
  if (!deletes) {
    if (isNeedless) await withdraw(archiving, batch, ids)
    return {outcome: 'copied'}
  }
  const deletion = await deleteRows(archiving, batch, rows, guard)
  if (deletion.outcome === 'deleted') {
    if (isNeedless) await withdraw(archiving, batch, ids)
    return {outcome: 'moved', now: deletion.now, sealed: isNeedless ? undefined : await sealDeleted(archiving, batch, own, deletion.now)}
  }
  const symbols = [...new Set(rows.map(({symbol}) => symbol))]
  // The request whose reply was lost may still arrive: the next run withdraws the copies, when it cannot any more.
  if (!deletion.isCertain) return {outcome: 'refused', left: new Map(symbols.map((symbol) => [symbol, 'pending']))}
  await withdraw(archiving, batch, ids)
  if (deletion.outcome === 'over') return {outcome: 'refused', left: new Map(symbols.map((symbol) => [symbol, 'slow']))}
  return {outcome: 'refused', left: await disturbed(archiving, rows, guard)}
}

const idsOf = (rows: MovingRow[]) => rows.map(({id}) => id)

/** The symbols because of which rows were not deleted: none, where new rows cannot be told any more, and all of the batch's, where none can be found. */
async function disturbed(archiving: Archiving, rows: MovingRow[], guard: Guard | undefined): Promise<Map<string, LeftReason>> {
  const args = guard && guardArguments(guard, '')
  const [gone, late] = args
    ? await archiving.source.read([
        {sql: `SELECT ${isNewestGone} AS isGone`, args: args.slice(0, 3)},
        {sql: `SELECT DISTINCT trade_logs.symbol AS symbol ${lateRows}`, args},
      ])
    : []
  if (gone?.rows[0]?.['isGone'] === 1) return new Map()
  const look = await lookAtSource(archiving, idsOf(rows))
  const left = new Map<string, LeftReason>(late?.rows.map((row) => [String(row['symbol']), 'late']))
  for (const {id, symbol, json} of rows) if (look.rows.get(id)?.json !== json) left.set(symbol, 'changed')
  return left.size > 0 ? left : new Map(rows.map(({symbol}) => [symbol, 'changed']))
}
