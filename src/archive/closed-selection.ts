import type {Market} from '../fleet/market.ts'
import {classify} from './classify.ts'
import type {ClosedRule, SymbolResult} from './closed.ts'
import {openQuantities, type Position} from './open-positions.ts'
import type {Selection} from './pieces.ts'
import {readTimestamp} from './timestamps.ts'
import {settledUntil} from './trading-day.ts'

/** What decides which trades of a strategy are closed. */
export type RuleInput = {market: Market; positions: Position[]; lenient: boolean}

/** Selects the trades that are closed, and tells `onSymbol` what becomes of each symbol. */
export function closedSelection(input: RuleInput, onSymbol: (result: SymbolResult) => void): Selection {
  const openQuantityOf = openQuantities(input.positions)
  return {
    // Who is lenient takes what was closed before a position, which only all rows together tell.
    hasPosition: (symbol) => !input.lenient && openQuantityOf(symbol) !== undefined,
    instantOf: (timestamp) => readTimestamp(timestamp)?.instant ?? null,
    *select(rows, {now}) {
      for (const result of classify(rows, closedRule(input, now))) {
        onSymbol(result)
        if (result.symbol !== null && result.cut) yield {symbol: result.symbol, rows: result.cut.rows}
      }
    },
  }
}

/** The closed rule at an instant of the source's clock, ISO 8601. What the archive has of a symbol is not asked: no index of it tells that. */
export function closedRule({market, positions, lenient}: RuleInput, clock: string): ClosedRule {
  const now = readTimestamp(clock)?.instant
  if (now === undefined) throw new TypeError(`The server's clock says ${clock}`)
  return {now, settledUntil: settledUntil(market, now), openQuantityOf: openQuantities(positions), archivedUntil: () => undefined, lenient}
}
