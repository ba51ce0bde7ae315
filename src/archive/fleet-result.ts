import type {ErrorCode, StratError} from '../errors.ts'
import {type Cause, causesOf} from '../fleet/causes.ts'
import type {SymbolResult} from './closed.ts'
import type {KeptReason} from './kept-reasons.ts'
import type {MoveResult} from './result.ts'

/** Rows of a symbol that are not closed. `stuck`: they never close by themselves. `since`: their first timestamp, where it can be read. */
export type KeptRows = {symbol: string | null; reason: KeptReason; rows: number; stuck: boolean; since: string | null}

/** What came of a strategy that was read. Rows read and written are both databases' by their servers' count, null for files. */
export type ArchiveFigures = Pick<MoveResult, 'left' | 'odd' | 'steps' | 'stopped'> & {
  /** Rows that are now in a sealed batch and no longer in the source. */
  moved: number
  /** Rows that were only copied (`--no-delete`), or would be moved (`--dry-run`). */
  ready: number
  /** Rows that stay in the source, and of these the ones of symbols some of whose rows never close by themselves. */
  kept: number
  stuck: number
  batches: MoveResult['sealed']
  keptReasons: KeptRows[]
  /** Whether a batch is not sealed yet, because a request of an earlier run may still arrive. */
  pending: boolean
  rowsRead: number | null
  rowsWritten: number | null
}

/** A strategy that was read. `copied` only with `--no-delete`, `due` only with `--dry-run`: there is something to move. */
export type StrategyArchived = {name: string; status: 'archived' | 'copied' | 'due' | 'current'} & ArchiveFigures

/** What became of one strategy. */
export type ArchivedStrategy =
  | StrategyArchived
  | {name: string; status: 'skipped'; reason: string; code: ErrorCode}
  | {name: string; status: 'failed'; reason: string; code: ErrorCode; suggestions: string[]}

export type ArchiveStatus = ArchivedStrategy['status']

export type ArchiveSummary = Record<ArchiveStatus, number> & {moved: number; pending: number; causes: Cause[]}

/** The result of archiving a fleet: every strategy has an outcome. `head` is the head of the archive's chain afterwards, null while it has none. */
export type ArchiveResult = {
  run: string
  /** Null: there is none yet, which only a dry run leaves so. */
  archive: string | null
  head: string | null
  strategies: ArchivedStrategy[]
  /** Batches that were left of databases which are gone, and are sealed now; only where there were some. */
  gone?: MoveResult['sealed']
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

const skipping: ErrorCode[] = ['INTERRUPTED', 'DATABASE_GONE', 'ARCHIVE_LIMIT']

/** What became of a strategy that could not be worked on. */
export function toFailed(name: string, {code, message: reason, suggestions}: StratError): ArchivedStrategy {
  return skipping.includes(code) ? {name, status: 'skipped', reason, code} : {name, status: 'failed', reason, code, suggestions}
}

/** How many had which outcome, and why those failed that did. */
export function summarizeArchiving(strategies: ArchivedStrategy[]): ArchiveSummary {
  const summary: ArchiveSummary = {archived: 0, copied: 0, due: 0, current: 0, skipped: 0, failed: 0, moved: 0, pending: 0, causes: []}
  for (const strategy of strategies) {
    summary[strategy.status] += 1
    if (!('moved' in strategy)) continue
    summary.moved += strategy.moved
    summary.pending += Number(strategy.pending)
  }
  return {...summary, causes: causesOf(strategies.filter((strategy) => strategy.status === 'failed'))}
}
