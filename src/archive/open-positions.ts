import {underlyingsOf} from './underlying.ts'

/** What is open of a symbol: contracts regardless of their direction, and bought less sold. NaN where a position's quantity is no whole number. */
export type OpenQuantity = {contracts: number; net: number}

/** The two columns of `active_positions` that matter here; quantities are positive for bought legs, negative for sold ones. */
export type Position = {symbol: unknown; quantity: unknown}

/**
 * Tells of a trade's symbol whether positions with it are open, or positions in options or futures on it: bots may log under the
 * underlying what they hold as contracts. Case and space around symbols do not matter. Undefined: none.
 */
export function openQuantities(positions: Iterable<Position>): (symbol: string) => OpenQuantity | undefined {
  const open = new Map<string, OpenQuantity>()
  let anySymbol: OpenQuantity | undefined
  for (const {symbol, quantity} of positions) {
    const contracts = Number.isSafeInteger(quantity) ? Number(quantity) : Number.NaN
    // A position whose symbol is no text may be in anything.
    if (typeof symbol !== 'string') anySymbol = {contracts: Number.NaN, net: Number.NaN}
    else for (const each of [normalize(symbol), ...underlyingsOf(normalize(symbol))]) add(open, each, contracts)
  }
  return (symbol) => anySymbol ?? open.get(normalize(symbol))
}

const normalize = (symbol: string) => symbol.trim().toUpperCase()

function add(open: Map<string, OpenQuantity>, symbol: string, quantity: number): void {
  const {contracts, net} = open.get(symbol) ?? {contracts: 0, net: 0}
  open.set(symbol, {contracts: contracts + Math.abs(quantity), net: net + quantity})
}
