import type {OnProgress} from '../progress.ts'
import type {Archiving} from './archiving.ts'
import {nextBatch, type PlannedBatch} from './batch.ts'
import {guardOf, stayingRows} from './guard.ts'
import type {MoveInput} from './move.ts'
import {moveBatch} from './move-batch.ts'
import {addSealed, type LeftReason, type MoveResult, type Stopped} from './result.ts'
import type {Scan} from './scan.ts'
import {forget, type Spool} from './spool.ts'

/** One run over one strategy; `result` grows, and `now` is the source's clock when it was last heard of. */
export type Run = {
  spool: Spool
  archiving: Archiving
  scan: Scan
  input: MoveInput
  result: MoveResult
  onProgress: OnProgress
  signal: AbortSignal | undefined
  /** When the run may begin no more batches, in milliseconds of `performance.now()`. */
  endMs: number
  now: string
}

/** Moves what is planned, batch after batch, until nothing is left or a limit is reached; symbols that are in the way are left alone. */
export async function movePlanned(run: Run, {isOpen}: {isOpen: boolean}): Promise<void> {
  const {spool, archiving, input, result} = run
  // Of a strategy that is destroyed, rows that are not closed go, too, but not those that a batch has already.
  const without = new Set(result.left.filter(({reason}) => !isOpen || reason === 'pending').map(({symbol}) => symbol))
  const stayingNow = () => (isOpen ? undefined : stayingBut(run, without))
  let staying = stayingNow()
  for (let after = 0; ; ) {
    const next = nextBatch(spool, archiving.from, {after, maxRows: (input.maxRows ?? Number.POSITIVE_INFINITY) - result.copied, without})
    if (next.kind === 'end') return
    const limit = limitOf(run)
    if (limit) return stop(result, limit)
    if (next.kind === 'full') return stop(result, 'max-rows')
    const left = next.kind === 'large' ? new Map([[next.symbol, 'large' as const]]) : await moveOne(run, next.batch, staying)
    if (left?.size === 0) return stop(result, 'changed')
    for (const [symbol, reason] of left ?? []) leave(result, without, symbol, reason)
    if (left) staying = stayingNow()
    if (next.kind === 'batch' && !left) after = next.batch.piece
  }
}

/** Undefined: it is done. Otherwise the symbols because of which it is not; none, where all that is known of the source is out of date. */
async function moveOne(run: Run, {rows}: PlannedBatch, staying: string | undefined): Promise<Map<string, LeftReason> | undefined> {
  const {spool, archiving, scan, input, result, onProgress} = run
  const guard = staying === undefined ? undefined : guardOf({spool, scan, instantOf: input.selection.instantOf}, rows, staying)
  const moved = await moveBatch(archiving, {rows, guard, now: run.now, isOpen: !guard, deletes: !input.noDelete})
  if (moved.outcome === 'refused') return moved.left
  result.copied += rows.length
  result.batches += 1
  // So that it is not moved again with the rest.
  forget(
    spool,
    rows.map(({rowid}) => rowid),
  )
  if (moved.outcome === 'moved') {
    result.rows += rows.length
    if (moved.sealed) addSealed(result, moved.sealed)
    run.now = moved.now
  }
  onProgress({message: `Archiving ${archiving.from.strategy}`, done: result.copied, total: result.selected, failed: 0})
  return undefined
}

/** The rows that this run does not plan to move, or leaves. */
const stayingBut = ({spool, scan}: Run, without: Set<string>) =>
  stayingRows({spool, scan}, '(rowid NOT IN (SELECT rowid FROM moved) OR symbol IN (SELECT value FROM json_each(?)))', JSON.stringify([...without]))

function limitOf({signal, endMs}: Run): Stopped | undefined {
  if (signal?.aborted) return 'interrupted'
  return performance.now() >= endMs ? 'max-seconds' : undefined
}

function stop(result: MoveResult, stopped: Stopped): void {
  result.stopped = stopped
}

function leave(result: MoveResult, without: Set<string>, symbol: string, reason: LeftReason): void {
  without.add(symbol)
  result.left.push({symbol, reason})
}
