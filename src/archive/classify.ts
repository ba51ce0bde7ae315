import {type ClosedRule, finishSymbol, type SymbolResult, startSymbol} from './closed.ts'
import type {LoggedTrade} from './logged-trade.ts'
import {addRow} from './symbol-run.ts'

/**
 * Yields what becomes of each symbol (`closedPrefix`), with no more than one row in memory. All rows of a symbol come together, those whose
 * timestamp cannot be read first, then in the order of `readTimestamp(…).instant`; rows whose symbol is no text are taken together.
 */
export function* classify(rows: Iterable<LoggedTrade>, rule: ClosedRule): Generator<SymbolResult, void> {
  let current: {symbol: string | null; run: ReturnType<typeof startSymbol>} | undefined
  for (const row of rows) {
    const symbol = typeof row.symbol === 'string' ? row.symbol : null
    if (current?.symbol !== symbol) {
      if (current) yield finishSymbol(current.symbol, current.run, rule)
      current = {symbol, run: startSymbol(symbol, rule)}
    }
    addRow(current.run, row, rule)
  }
  if (current) yield finishSymbol(current.symbol, current.run, rule)
}
