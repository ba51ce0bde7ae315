import fc from 'fast-check'
import type {LoggedTrade} from '../../src/archive/logged-trade.ts'

/** The Monday noon in India at which every history ends. */
export const historyEnd = new Date('2026-02-02T06:30:00Z')

/** A symbol that may be logged, and the symbols of positions in it. */
export const historySymbols = {NIFTY: ['NIFTY', 'NIFTY2620324000CE', 'NIFTY26FEB24000PE'], BANKNIFTY26FEB52000CE: ['BANKNIFTY26FEB52000CE']}

type Symbol = keyof typeof historySymbols
type Leg = {buys: boolean; quantity: number; at: number; exits: {after: number; quantity: number}[]; fate: 'as planned' | 'no entry' | 'no exit'}

/** What one symbol's bot did: all rows in any order, the positions that are open at the end, and whose rows they are. */
export type History = {symbol: Symbol; rows: LoggedTrade[]; positions: {symbol: string; quantity: number}[]; openRows: Set<unknown>}

// 100 steps of seven hours: nights, week-ends and the last day all come; several trades share a step, and so a timestamp.
const step = fc.integer({min: 0, max: 100})
const exit = fc.record({after: fc.integer({min: 1, max: 30}), quantity: fc.constantFrom(25, 50, 75)})

const leg = (fates: Leg['fate'][]) =>
  fc.record({
    buys: fc.boolean(),
    quantity: fc.constantFrom(50, 50, 75),
    at: step,
    exits: fc.array(exit, {maxLength: 3}),
    fate: fc.oneof({arbitrary: fc.constant<Leg['fate']>('as planned'), weight: 6}, fc.constantFrom(...fates)),
  })

/** Four legs at once that net to zero while they are open. */
const condor = fc
  .record({at: step, exits: fc.array(exit, {maxLength: 2})})
  .map(({at, exits}) => [true, false, false, true].map((buys): Leg => ({buys, quantity: 50, at, exits, fate: 'as planned'})))

/** Histories of legs that are opened, exited in parts or not, and entered again; some may want their entry, or all exits though nothing is open. */
export function histories(fates: Leg['fate'][] = ['as planned']): fc.Arbitrary<History> {
  const groups = fc.array(fc.oneof({arbitrary: leg(fates).map((each) => [each]), weight: 4}, condor), {maxLength: 5})
  return fc
    .tuple(fc.constantFrom<Symbol>('NIFTY', 'BANKNIFTY26FEB52000CE'), groups, fc.nat())
    .map(([symbol, legs, pick]) => historyOf(symbol, legs.flat(), pick))
}

function historyOf(symbol: Symbol, legs: Leg[], pick: number): History {
  const history: History = {symbol, rows: [], positions: [], openRows: new Set()}
  for (const [index, {buys, quantity, at, exits, fate}] of legs.entries()) {
    const rows = [tradeAt(at, {id: `${index} entry`, symbol, action: buys ? 'BUY' : 'SELL', quantity, execution_reason: 'ENTRY', pnl: null})]
    let open = quantity
    for (const [part, {after, quantity: wanted}] of exits.entries()) {
      const exited = Math.min(wanted, open)
      if (exited > 0 && at + after <= 100)
        rows.push(tradeAt(at + after, {id: `${index} exit ${part}`, symbol, action: buys ? 'SELL' : 'BUY', quantity: exited}))
      if (at + after <= 100) open -= exited
    }
    history.rows.push(...(fate === 'as planned' ? rows : fate === 'no entry' ? rows.slice(1) : rows.slice(0, 1)))
    if (fate !== 'no exit' && open > 0) {
      const names = historySymbols[symbol]
      history.positions.push({symbol: names[(pick + index) % names.length] ?? symbol, quantity: buys ? open : -open})
      for (const {id} of rows) history.openRows.add(id)
    }
  }
  return history
}

/** A trade so many steps of seven hours before the end. */
export function tradeAt(at: number, changes: Partial<LoggedTrade>): LoggedTrade {
  const timestamp = new Date(historyEnd.getTime() - (100 - at) * 7 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
  return {id: 'id', timestamp, symbol: 'NIFTY', action: 'BUY', quantity: 50, price: 101.35, execution_reason: 'EXPIRY', pnl: 12.5, ...changes}
}
