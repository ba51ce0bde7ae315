import type {Market} from '../fleet/market.ts'
import {classify} from './classify.ts'
import type {ClosedRule, SymbolResult} from './closed.ts'
import type {ArchivedUntil} from './cuts.ts'
import {openQuantities, type Position} from './open-positions.ts'
import type {ClosedSelection} from './pieces.ts'
import {readTimestamp} from './timestamps.ts'
import {settledUntil} from './trading-day.ts'

/** What decides which trades of a strategy are closed. */
export type RuleInput = {market: Market; positions: Position[]; lenient: boolean}

/** Selects the trades that are closed, and tells `onSymbol` what becomes of each symbol. */
export function closedSelection(input: RuleInput, onSymbol: (result: SymbolResult) => void): ClosedSelection {
  const openQuantityOf = openQuantities(input.positions)
  return {
    // Also of who is lenient: what was closed before a position only all rows together tell.
    hasPosition: (symbol) => openQuantityOf(symbol) !== undefined,
    instantOf: (timestamp) => readTimestamp(timestamp)?.instant ?? null,
    *select(rows, known) {
      for (const result of classify(rows, closedRule(input, known))) {
        onSymbol(result)
        if (result.symbol !== null && result.cut) yield {symbol: result.symbol, rows: result.cut.rows}
      }
    },
  }
}

/** The closed rule at an instant of the source's clock, ISO 8601, and beside what the archive has. */
export function closedRule({market, positions, lenient}: RuleInput, known: {now: string; archivedUntil: ArchivedUntil}): ClosedRule {
  const now = readTimestamp(known.now)?.instant
  if (now === undefined) throw new TypeError(`The server's clock says ${known.now}`)
  return {now, settledUntil: settledUntil(market, now), openQuantityOf: openQuantities(positions), archivedUntil: known.archivedUntil, lenient}
}
