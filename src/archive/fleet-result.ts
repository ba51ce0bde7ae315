import type {ErrorCode, StratError} from '../errors.ts'
import {type Cause, causesOf} from '../fleet/causes.ts'
import type {SymbolResult} from './closed.ts'
import type {KeptReason} from './kept-reasons.ts'
import type {MoveResult, SealedLink} from './result.ts'
import {toPlain} from './trade-row.ts'

/** Rows of a symbol that are not closed. `stuck`: they never close by themselves. `since`: their first timestamp, where it can be read. */
export type KeptRows = {symbol: string | null; reason: KeptReason; rows: number; stuck: boolean; since: string | null}

/**
 * Rows of a symbol stamped at or before the last row of it that the archive had when this run began: how many, up to ten of their ids, and how many
 * are not closed, and stay. The others are moved like any; but what was read from the archive before, or exported, was without them.
 */
export type LateRows = {symbol: string; rows: number; kept: number; ids: string[]}

/** What came of a strategy that was read. Rows read and written are both databases' by their servers' count, null for files. */
export type ArchiveFigures = Pick<MoveResult, 'left' | 'odd' | 'steps' | 'stopped' | 'tooMany'> & {
  /** Rows that are now in a sealed batch and no longer in the source. */
  moved: number
  /** Rows that were only copied (`--no-delete`), or would be moved (`--dry-run`). */
  ready: number
  /** Rows that stay in the source, and of these the ones of symbols some of whose rows never close by themselves. */
  kept: number
  stuck: number
  batches: MoveResult['sealed']
  keptReasons: KeptRows[]
  late: LateRows[]
  /** Whether a batch is not sealed yet, because a request of an earlier run may still arrive. */
  pending: boolean
  rowsRead: number | null
  rowsWritten: number | null
}

/** A strategy that was read. `copied` only with `--no-delete`, `due` only with `--dry-run`: there is something to move. */
export type StrategyArchived = {name: string; status: 'archived' | 'copied' | 'due' | 'current'} & ArchiveFigures

/** A strategy on which the work ended with an error, or never began. What was moved before is in `batches`. */
type StrategyLeft = {name: string; reason: string; code: ErrorCode; moved: number; batches: SealedLink[]}

/** What became of one strategy. */
export type ArchivedStrategy = StrategyArchived | (StrategyLeft & {status: 'skipped'}) | (StrategyLeft & {status: 'failed'; suggestions: string[]})

export type ArchiveStatus = ArchivedStrategy['status']

/**
 * `moved` counts rows, the others strategies: `pending` as there, `remaining` those where something stays that should have gone.
 * `gotNowhere`: nothing was moved at all, because of the run's own limits.
 */
export type ArchiveSummary = Record<ArchiveStatus, number> & {moved: number; pending: number; remaining: number; gotNowhere: boolean; causes: Cause[]}

/** What is left, not sealed, of a database that is gone: by which name its trades came, or its id, and why. */
export type LeftOfGone = {name: string; reason: string; code: ErrorCode; suggestions: string[]}

/** The result of archiving a fleet: every strategy has an outcome. `head` is the head of the archive's chain afterwards, null while it has none. */
export type ArchiveResult = {
  run: string
  /** Null: there is none yet, which only a dry run leaves so. */
  archive: string | null
  head: string | null
  strategies: ArchivedStrategy[]
  /** Batches that were left of databases which are gone, and are sealed now; only where there were some. */
  gone?: MoveResult['sealed']
  /** Those that could not be sealed; only where there are some. */
  goneFailed?: LeftOfGone[]
  /** Databases that a selection without names passed over because they are not ours. */
  unmarked: string[]
  interrupted: boolean
  summary: ArchiveSummary
}

/** Why rows of a symbol stay. */
export function keptRowsOf({symbol, kept, keptSince, stuck}: SymbolResult): KeptRows[] {
  const since = keptSince === null ? null : new Date(Math.floor(keptSince / 1000)).toISOString()
  return kept.map(({rows, reason}) => ({symbol, reason, rows, stuck, since}))
}

/** The rows of a symbol that came late. In the order of time they are its first ones, as are those that are closed. */
export function lateRowsOf({symbol, late, cut}: SymbolResult): LateRows[] {
  if (symbol === null || late.rows === 0) return []
  return [{symbol, rows: late.rows, kept: Math.max(0, late.rows - (cut?.rows ?? 0)), ids: late.first.map(({id}) => String(toPlain(id)))}]
}

/** How many rows some batches have. */
export const rowsOf = (batches: SealedLink[]) => batches.reduce((sum, {rows}) => sum + rows, 0)

const skipping: ErrorCode[] = ['INTERRUPTED', 'DATABASE_GONE', 'ARCHIVE_LIMIT']

/** What became of a strategy that could not be worked on. */
export function toFailed(name: string, {code, message: reason, suggestions}: StratError, batches: SealedLink[] = []): ArchivedStrategy {
  const left = {name, reason, code, moved: rowsOf(batches), batches}
  return skipping.includes(code) ? {...left, status: 'skipped'} : {...left, status: 'failed', suggestions}
}

/** Whether trades of a strategy stay, or are in a batch that is not sealed, though they should have gone. Not those that are open, or stuck. */
const isRemaining = ({pending, left, odd, late, stopped}: StrategyArchived) =>
  pending || left.length > 0 || odd.rows > 0 || late.some(({kept}) => kept > 0) || stopped === 'changed'

/** How many had which outcome, and why those failed that did. */
export function summarizeArchiving(strategies: ArchivedStrategy[], goneFailed: LeftOfGone[] = []): ArchiveSummary {
  const summary: ArchiveSummary = {
    archived: 0,
    copied: 0,
    due: 0,
    current: 0,
    skipped: 0,
    failed: 0,
    moved: 0,
    pending: 0,
    remaining: 0,
    gotNowhere: false,
    causes: [],
  }
  let [ready, limited] = [0, 0]
  for (const strategy of strategies) {
    summary[strategy.status] += 1
    summary.moved += strategy.moved
    limited += Number('kept' in strategy ? strategy.stopped.startsWith('max-') : strategy.code === 'ARCHIVE_LIMIT')
    if (!('kept' in strategy)) continue
    ready += strategy.ready
    summary.pending += Number(strategy.pending)
    summary.remaining += Number(isRemaining(strategy))
  }
  const gotNowhere = limited > 0 && summary.moved + ready === 0
  return {...summary, gotNowhere, causes: causesOf([...strategies.filter((strategy) => strategy.status === 'failed'), ...goneFailed])}
}
