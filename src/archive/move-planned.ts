import type {OnProgress} from '../progress.ts'
import type {Archiving} from './archiving.ts'
import {nextBatch, type PlannedBatch} from './batch.ts'
import {guardOf, type Staying, stayingRows} from './guard.ts'
import type {Limit} from './limit.ts'
import type {MoveInput} from './move.ts'
import {moveBatch} from './move-batch.ts'
import {addSealed, type LeftReason, type MoveResult, type Stopped} from './result.ts'
import {forget, type Spool} from './spool.ts'

/** One run over one strategy; `result` grows, and `now` is the source's clock when it was last heard of. */
export type Run = {
  spool: Spool
  archiving: Archiving
  input: MoveInput
  result: MoveResult
  onProgress: OnProgress
  /** Asked before each batch. */
  limit: Limit
  now: string
}

/** Moves what is planned, batch after batch, until nothing is left or a limit is reached; symbols that are in the way are left alone. */
export async function movePlanned(run: Run, {isOpen}: {isOpen: boolean}): Promise<void> {
  const {spool, archiving, result} = run
  const without = new Set(result.left.map(({symbol}) => symbol))
  let staying: Staying | undefined
  for (let after = Number.NEGATIVE_INFINITY; ; ) {
    const maxRows = roomOf(run)
    const next = nextBatch(spool, archiving.from, {after, maxRows, without})
    if (next.kind === 'end') return
    const limit = await run.limit()
    if (limit) return stop(result, limit)
    if (next.kind === 'full') noteFull(result, next)
    if (next.kind === 'full' && maxRows <= 0) return
    if (next.kind !== 'batch') {
      // What of its symbol comes later stays behind it.
      without.add(next.symbol)
      staying = undefined
      if (next.kind === 'large') result.left.push({symbol: next.symbol, reason: 'large'})
      after = next.piece
      continue
    }
    if (!isOpen) staying ??= stayingBut(run, without)
    const left = await moveOne(run, next.batch, staying)
    if (left?.size === 0) return stop(result, 'changed')
    for (const [symbol, reason] of left ?? []) leave(result, without, symbol, reason)
    if (left) staying = undefined
    else after = next.batch.piece
  }
}

/** How many more trades may be moved. What an earlier run had copied, and this one finished, counts as well. */
export const roomOf = ({input: {maxRows = Number.POSITIVE_INFINITY}, result}: Pick<Run, 'input' | 'result'>) =>
  maxRows - result.copied - result.recovered.reduce((sum, {sealed}) => sum + (sealed?.rows ?? 0), 0)

/** The fewest trades of those that close together and have no room in what is left of `maxRows`. */
export function noteFull(result: MoveResult, {rows}: {rows: number}): void {
  stop(result, 'max-rows')
  result.tooMany = Math.min(result.tooMany ?? rows, rows)
}

/** Undefined: it is done. Otherwise the symbols because of which it is not; none, where all that is known of the source is out of date. */
async function moveOne(run: Run, {rows}: PlannedBatch, staying: Staying | undefined): Promise<Map<string, LeftReason> | undefined> {
  const {spool, archiving, input, result, onProgress} = run
  const guard = staying === undefined ? undefined : guardOf({spool, instantOf: input.selection.instantOf}, rows, staying)
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
const stayingBut = ({spool}: Run, without: Set<string>) =>
  stayingRows({spool}, '(rowid NOT IN (SELECT rowid FROM moved) OR symbol IN (SELECT value FROM json_each(?)))', JSON.stringify([...without]))

function stop(result: MoveResult, stopped: Stopped): void {
  result.stopped = stopped
}

function leave(result: MoveResult, without: Set<string>, symbol: string, reason: LeftReason): void {
  without.add(symbol)
  result.left.push({symbol, reason})
}
