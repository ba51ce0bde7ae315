import type {KeptReason} from './kept-reasons.ts'
import type {LoggedTrade} from './logged-trade.ts'
import type {OpenQuantity} from './open-positions.ts'
import {addRow, type Clock, type Cut, endTimestamp, type Sample, type SymbolRun, startRun} from './symbol-run.ts'
import type {Instant} from './timestamps.ts'

/** What the closed rule goes by besides the rows. */
export type ClosedRule = Clock & {
  /** What of a symbol is open by `active_positions`; undefined: nothing. */
  openQuantityOf: (symbol: string) => OpenQuantity | undefined
  /** The last instant of a symbol in the archive; undefined: nothing of it is there. Only to report rows that come late. */
  archivedUntil: (symbol: string) => Instant | undefined
  /** Whether what was closed before a position that is still open is closed too. */
  lenient: boolean
}

/** Which rows of a symbol are closed, and why the others stay: `cut.rows` and the rows of `kept` are all rows, in the order of time. */
export type SymbolResult = {
  /** Null: rows whose symbol is no text. */
  symbol: string | null
  rows: number
  /** The end of the closed prefix; null: nothing is closed. */
  cut: Cut | null
  kept: {rows: number; reason: KeptReason}[]
  /** The first instant of the kept rows, as far as it can be read. */
  keptSince: Instant | null
  /** Whether some of what is kept never closes by itself: no open position could end it, its entry is missing, or a row is not as it should be. */
  stuck: boolean
  /** The rows that are not as they should be; where formats are mixed, the first row in each. */
  problems: (Sample & {reason: KeptReason})[]
  /** The rows that are not after what is in the archive. */
  late: Sample
}

/** What is wrong with one row and keeps all rows of its symbol: their order, or whose they are, is not known. */
const refusals: KeptReason[] = ['SYMBOL_INVALID', 'TIMESTAMP_MISSING', 'TIMESTAMP_INVALID', 'TIMESTAMP_MIXED', 'TIMESTAMP_FUTURE']

/**
 * Finds the longest closed prefix of one symbol's rows, which come in the order of time (`addRow`). The rows up to a timestamp are closed if
 * they net to zero, as much was exited as entered, the last one is settled, each is as a bot should write it (an exit with its P&L), all
 * timestamps of the symbol are in one format and none in the future, and no position in the symbol is open. Lenient: one may be open if all rows
 * together account for it exactly, in contracts and direction; so an exit without an entry never passes for the exit of an open leg.
 */
export function closedPrefix(symbol: string | null, rows: Iterable<LoggedTrade>, rule: ClosedRule): SymbolResult {
  const run = startSymbol(symbol, rule)
  for (const row of rows) addRow(run, row, rule)
  return finishSymbol(symbol, run, rule)
}

/** The state before a symbol's first row. */
export const startSymbol = (symbol: string | null, rule: ClosedRule) => startRun(symbol === null ? undefined : rule.archivedUntil(symbol))

/** What becomes of a symbol, after its last row. */
export function finishSymbol(symbol: string | null, run: SymbolRun, rule: ClosedRule): SymbolResult {
  endTimestamp(run, rule)
  const refusal = refusals.find((reason) => run.problems.has(reason))
  const open = symbol === null ? undefined : rule.openQuantityOf(symbol)
  const isBlocked = open !== undefined && !(rule.lenient && isAccountedFor(open, run))
  const cut = refusal || isBlocked ? null : run.cut
  return {
    symbol,
    rows: run.rows,
    cut,
    kept: refusal ? [{rows: run.rows, reason: refusal}] : keptAfter(cut?.rows ?? 0, run, isBlocked, open !== undefined),
    keptSince: cut ? run.oldestAfterCut : run.oldest,
    stuck: refusal ? refusal !== 'TIMESTAMP_FUTURE' : isStuck(run, open !== undefined, rule),
    problems: problemsOf(run),
    late: run.late,
  }
}

/** Whether what is open by the rows is exactly what is open by the positions. */
const isAccountedFor = ({contracts, net}: OpenQuantity, run: SymbolRun) =>
  !run.broken && !run.overdrawn && contracts === run.entered - run.exited && net === run.net

function keptAfter(closedRows: number, run: SymbolRun, isBlocked: boolean, isOpen: boolean): SymbolResult['kept'] {
  const {rows, balancedRows, netBefore, broken} = run
  const summedRows = broken?.rows ?? rows
  const recentRows = isBlocked ? 0 : balancedRows - closedRows
  const kept: SymbolResult['kept'] = [
    {rows: recentRows, reason: 'TOO_RECENT'},
    {rows: summedRows - closedRows - recentRows, reason: isOpen ? 'POSITION_OPEN' : netBefore === 0 ? 'UNBALANCED' : 'NOT_FLAT'},
  ]
  if (broken) kept.push({rows: rows - broken.rows, reason: broken.reason})
  return kept.filter((each) => each.rows > 0)
}

function isStuck({broken, balancedRows, rows, instant, entered, exited}: SymbolRun, isOpen: boolean, {settledUntil}: Clock): boolean {
  if (broken) return true
  return rows > balancedRows && instant !== null && instant <= settledUntil && (!isOpen || exited > entered)
}

const problemsOf = ({problems, formats, rows}: SymbolRun): SymbolResult['problems'] =>
  [...problems].map(([reason, sample]) => (reason === 'TIMESTAMP_MIXED' ? {reason, rows, first: [...formats.values()]} : {reason, ...sample}))
