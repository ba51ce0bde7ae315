import {type ClosedRule, finishSymbol, type SymbolResult, startSymbol} from './closed.ts'
import type {LoggedTrade} from './logged-trade.ts'
import {addRow} from './symbol-run.ts'

/** One row, and what the rows up to it come to. The sums are null where they mean nothing, because of this row or one before it. */
export type ExplainedRow = {
  row: LoggedTrade
  /** Bought less sold, and what of the entries is not exited. */
  net: number | null
  unexited: number | null
  /** Whether the rows up to here are closed as far as it depends on them: it is the last of its timestamp, all is exited, and it is settled. */
  isPossibleCut: boolean
}

/** Yields a symbol's rows as the closed rule sees them, one after the other; returns what it makes of them. */
export function* explainSymbol(symbol: string, rows: Iterable<LoggedTrade>, rule: ClosedRule): Generator<ExplainedRow, SymbolResult> {
  const run = startSymbol(symbol, rule)
  let last: Omit<ExplainedRow, 'isPossibleCut'> | undefined
  for (const row of rows) {
    const before = run.rows
    addRow(run, row, rule)
    // Only the row after it tells whether it is the last of its timestamp.
    if (last) yield {...last, isPossibleCut: run.cut?.rows === before}
    const {broken, net, entered, exited} = run
    last = {row, net: broken ? null : net, unexited: broken ? null : entered - exited}
  }
  const result = finishSymbol(symbol, run, rule)
  if (last) yield {...last, isPossibleCut: run.cut?.rows === run.rows}
  return result
}
