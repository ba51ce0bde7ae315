import {randomUUID} from 'node:crypto'
import {type Archiving, epochAt, type MovingRow, type OpenBatch} from './archiving.ts'
import {copyBatch} from './copy.ts'
import {deleteRows, type Guard, isLate} from './delete.ts'
import {lookAtSource} from './look.ts'
import type {LeftReason, SealedLink} from './result.ts'
import {sealBatch} from './seal.ts'
import {conflict, takenOver, verifyBatch} from './verify.ts'
import {withdraw} from './withdraw.ts'

/** How one batch is moved. `now` is the source's clock, not long ago; without `deletes` it is only copied and verified. */
export type BatchInput = {rows: MovingRow[]; guard: Guard; now: string; isOpen: boolean; deletes: boolean}

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
  const {own, contested, conflicts} = await verifyBatch(archiving, batch, rows)
  const ids = rows.map(({id}) => id)
  // What a sealed batch has had before needs no other.
  const isNeedless = own.length === 0
  if (contested.length + conflicts.length > 0) {
    await withdraw(archiving, batch, ids, 0)
    throw conflicts.length > 0
      ? conflict(
          archiving,
          conflicts.map(({id}) => id),
        )
      : takenOver(archiving)
  }
  if (!deletes) {
    if (isNeedless) await withdraw(archiving, batch, ids, 0)
    return {outcome: 'copied'}
  }
  const deletion = await deleteRows(archiving, batch, rows, guard)
  if (deletion.outcome === 'deleted') {
    if (isNeedless) await withdraw(archiving, batch, ids, 0)
    if (isNeedless) return {outcome: 'moved', now: deletion.now, sealed: undefined}
    const head = await sealBatch(archiving, batch, own, deletion.now)
    return {outcome: 'moved', now: deletion.now, sealed: {id: batch.batchId, rows: own.length, head}}
  }
  const symbols = [...new Set(rows.map(({symbol}) => symbol))]
  // The request whose reply was lost may still arrive: the next run withdraws the copies, when it cannot any more.
  if (!deletion.isCertain) return {outcome: 'refused', left: new Map(symbols.map((symbol) => [symbol, 'pending']))}
  await withdraw(archiving, batch, ids, 0)
  if (deletion.outcome === 'over') return {outcome: 'refused', left: new Map(symbols.map((symbol) => [symbol, 'slow']))}
  return {outcome: 'refused', left: await disturbed(archiving, rows, guard)}
}

/** The symbols because of which rows were not deleted. All of the batch's, where none can be found. */
async function disturbed(archiving: Archiving, rows: MovingRow[], {newest, cuts}: Guard): Promise<Map<string, LeftReason>> {
  const [late] = await archiving.source.read([
    {
      sql: `SELECT DISTINCT trade_logs.symbol AS symbol FROM ${isLate.from} WHERE ${isLate.where}`,
      args: [BigInt(newest?.rowid ?? 0), null, JSON.stringify(cuts)],
    },
  ])
  const look = await lookAtSource(archiving, [...rows.map(({id}) => id), ...(newest ? [newest.id] : [])])
  if (newest && look.rows.get(newest.id)?.rowid !== newest.rowid) return new Map()
  const left = new Map<string, LeftReason>(late?.rows.map((row) => [String(row['symbol']), 'late']))
  for (const {id, symbol, json} of rows) if (look.rows.get(id)?.json !== json) left.set(symbol, 'changed')
  return left.size > 0 ? left : new Map(rows.map(({symbol}) => [symbol, 'changed']))
}
