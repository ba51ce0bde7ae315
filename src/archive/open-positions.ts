/** What is open of a symbol: contracts regardless of their direction, and bought less sold. NaN where a position's quantity is no whole number. */
export type OpenQuantity = {contracts: number; net: number}

/** The two columns of `active_positions` that matter here; quantities are positive for bought legs, negative for sold ones. */
export type Position = {symbol: unknown; quantity: unknown}

/** A position by its normalized symbol. */
type Open = {symbol: string; contracts: number}

/**
 * Tells of a trade's symbol whether positions are open that may be in it: their symbols are the same, or begin with it and go on with no
 * letter, as bots may log under the underlying what they hold as options or futures, and each broker writes those in its own way. So `NIFTY`
 * has `NIFTY24JAN22000CE` and `NSE:NIFTY 24000 CE 28 NOV 24`, not `NIFTYNXT5024JAN70000CE`. Too many only keep trades longer. Exchanges, case
 * and space around symbols do not matter. A name that the position's symbol does not begin with (NIFTY BANK for BANKNIFTY) is not found.
 * Undefined: none.
 */
export function openQuantities(positions: Iterable<Position>): (symbol: string) => OpenQuantity | undefined {
  const open: Open[] = []
  let isAnywhere = false
  for (const {symbol, quantity} of positions) {
    // A position whose symbol is no text may be in anything.
    if (typeof symbol !== 'string') isAnywhere = true
    else open.push({symbol: normalize(symbol), contracts: Number.isSafeInteger(quantity) ? Number(quantity) : Number.NaN})
  }
  return (symbol) => (isAnywhere ? {contracts: Number.NaN, net: Number.NaN} : sumOf(open.filter(isIn(normalize(symbol)))))
}

/** Without the exchange before a colon. */
const normalize = (symbol: string) =>
  symbol
    .toUpperCase()
    .replace(/^\s*[A-Z_]+:/, '')
    .trim()

const isIn = (symbol: string) => (position: Open) =>
  position.symbol === symbol || (symbol !== '' && position.symbol.startsWith(symbol) && !/^\p{L}/u.test(position.symbol.slice(symbol.length)))

const sumOf = (positions: Open[]): OpenQuantity | undefined =>
  positions.length === 0
    ? undefined
    : positions.reduce((sum, {contracts}) => ({contracts: sum.contracts + Math.abs(contracts), net: sum.net + contracts}), {contracts: 0, net: 0})
