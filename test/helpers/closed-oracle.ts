import type {LoggedTrade} from '../../src/archive/logged-trade.ts'

/** What decides, in the plainest words: times as dates, who is the underlying of what as a function. */
export type OracleInput = {
  rows: LoggedTrade[]
  positions: {symbol: string; quantity: number}[]
  isOn: (position: string, symbol: string) => boolean
  lenient: boolean
  now: Date
  /** The date of an instant, in milliseconds, where the market is. */
  dateOf: (millis: number) => string
  isTradingDay: (date: string) => boolean
}

type Timed = LoggedTrade & {instant: bigint}

/**
 * The closed rule a second time: slow, one rule after the other, each from all rows again, with nothing of the first. The rows of ONE symbol
 * come in any order; gives for the id of each the reason to keep it, or `closed`.
 */
export function oracle(input: OracleInput): Record<string, string> {
  const refusal = refusalOf(input)
  if (refusal) return Object.fromEntries(input.rows.map(({id}) => [id, refusal]))
  const rows = input.rows.map((row) => ({...row, instant: instantOf(row)}))
  const balanced = rows.map(({instant}) => instant).filter((end) => isBalanced(upTo(end, rows)))
  const isBlockedNow = isBlocked(rows, input)
  const closed = isBlockedNow ? [] : balanced.filter((end) => isSettled(end, input))
  return Object.fromEntries(rows.map((row) => [row.id, closed.some((end) => row.instant <= end) ? 'closed' : reasonOf(row)]))

  function reasonOf({instant}: Timed): string {
    const fault = upTo(instant, rows)
      .sort((a, b) => Number(a.instant - b.instant))
      .map(faultOf)
      .find(Boolean)
    if (fault) return fault
    if (isBlockedNow) return 'POSITION_OPEN'
    if (balanced.some((end) => instant <= end)) return 'TOO_RECENT'
    if (openIn(input).length > 0) return 'POSITION_OPEN'
    const sound = rows.filter((row) => !upTo(row.instant, rows).some(faultOf))
    return netOf(sound) === 0 ? 'UNBALANCED' : 'NOT_FLAT'
  }
}

const known = /^(\d{4}-\d\d-\d\d)([ T])(\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?$/

/** The separator and the kind of zone; undefined for what is no timestamp. */
function formatOf({timestamp}: LoggedTrade): string | undefined {
  const [, date, separator, , , zone] = known.exec(String(timestamp)) ?? []
  if (date === undefined || (separator === 'T' && zone === undefined)) return undefined
  const isReal = new Date(`${date}T00:00:00Z`).getTime() >= 0 && new Date(`${date}T00:00:00Z`).toISOString().startsWith(date)
  return isReal ? `${separator} ${zone?.replaceAll(/[-+\d]/g, '9')}` : undefined
}

/** Microseconds, as a bigint. */
function instantOf({timestamp}: LoggedTrade): bigint {
  const [, date, , time, fraction = '.', zone = 'Z'] = known.exec(String(timestamp)) ?? []
  return BigInt(Date.parse(`${date}T${time}${zone}`)) * 1000n + BigInt(`${fraction.slice(1)}000000`.slice(0, 6))
}

function refusalOf({rows, now}: OracleInput): string | undefined {
  if (rows.some(({timestamp}) => timestamp === null)) return 'TIMESTAMP_MISSING'
  if (rows.some((row) => formatOf(row) === undefined)) return 'TIMESTAMP_INVALID'
  if (new Set(rows.map(formatOf)).size > 1) return 'TIMESTAMP_MIXED'
  return rows.some((row) => instantOf(row) > BigInt(now.getTime()) * 1000n) ? 'TIMESTAMP_FUTURE' : undefined
}

function faultOf({action, execution_reason, quantity, price, pnl}: LoggedTrade): string | undefined {
  if (!['BUY', 'SELL'].includes(String(action))) return 'ACTION_UNKNOWN'
  if (!['ENTRY', 'STOP_LOSS_LEG', 'DAILY_SL_EXIT', 'EXPIRY'].includes(String(execution_reason))) return 'REASON_UNKNOWN'
  if (typeof quantity !== 'number' || quantity <= 0 || quantity % 1 !== 0) return 'QUANTITY_INVALID'
  if (typeof price !== 'number') return 'PRICE_INVALID'
  if (pnl === null && execution_reason !== 'ENTRY') return 'PNL_MISSING'
  return pnl !== null && typeof pnl !== 'number' ? 'PNL_INVALID' : undefined
}

const upTo = (end: bigint, rows: Timed[]) => rows.filter(({instant}) => instant <= end)
const total = (rows: LoggedTrade[]) => rows.reduce((sum, {quantity}) => sum + Number(quantity), 0)
const netOf = (rows: LoggedTrade[]) => total(rows.filter(({action}) => action === 'BUY')) - total(rows.filter(({action}) => action === 'SELL'))
const entriesOf = (rows: LoggedTrade[]) => total(rows.filter(({execution_reason}) => execution_reason === 'ENTRY'))
const exitsOf = (rows: LoggedTrade[]) => total(rows.filter(({execution_reason}) => execution_reason !== 'ENTRY'))

const isBalanced = (rows: LoggedTrade[]) => !rows.some(faultOf) && netOf(rows) === 0 && entriesOf(rows) === exitsOf(rows)

function isSettled(end: bigint, {now, dateOf, isTradingDay}: OracleInput): boolean {
  const dayMillis = 86_400_000
  let tradingDay = new Date(dateOf(now.getTime()))
  while (!isTradingDay(tradingDay.toISOString().slice(0, 10))) tradingDay = new Date(tradingDay.getTime() - dayMillis)
  return end <= BigInt(now.getTime() - dayMillis) * 1000n && dateOf(Number(end / 1000n)) < tradingDay.toISOString().slice(0, 10)
}

const openIn = ({rows, positions, isOn}: OracleInput) => positions.filter((position) => rows.some(({symbol}) => isOn(position.symbol, String(symbol))))

function isBlocked(rows: Timed[], input: OracleInput): boolean {
  const quantities = openIn(input).map(({quantity}) => quantity)
  const contracts = quantities.reduce((sum, quantity) => sum + Math.abs(quantity), 0)
  const net = quantities.reduce((sum, quantity) => sum + quantity, 0)
  const isOverdrawn = rows.some(({instant}) => entriesOf(upTo(instant, rows)) < exitsOf(upTo(instant, rows)))
  const isExplained = !rows.some(faultOf) && !isOverdrawn && entriesOf(rows) - exitsOf(rows) === contracts && netOf(rows) === net
  return quantities.length > 0 && !(input.lenient && isExplained)
}
