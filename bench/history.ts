import {createHash} from 'node:crypto'
import {randomOf} from '../test/helpers/random.ts'

export type HistoryOptions = {
  kind: 'condor' | 'butterfly'
  /** The same history for the same seed and end. */
  seed: number
  /** How many positions were opened and closed, one after the other, in the year before `until`; one a week unless given. */
  positions?: number
  /** Whether one more is open at the end. */
  isOpen?: boolean
  until?: Date
}

/** A row of `trade_logs`, in the order of its columns. */
export type LoggedRow = [
  id: string,
  timestamp: string,
  symbol: string,
  action: 'BUY' | 'SELL',
  quantity: number,
  price: number,
  reason: string,
  pnl: number | null,
]

export type HeldLeg = {id: string; symbol: string; strike: number; optionType: 'CE' | 'PE'; quantity: number; price: number; at: string}

/** What a bot did with one position: its legs, what it logged, and what the margin changed by when it was opened and closed. */
export type HeldPosition = {legs: HeldLeg[]; trades: LoggedRow[]; margin: {at: string; change: number}[]; isOpen: boolean}

const lot = 75
const width = 200
const margin = width * lot
const weekMs = 7 * 86_400_000
/** From 09:20 on a Monday in India to 15:20 on the Thursday, when options expire. */
const heldPart = 78 / 168

/** Yields the positions of a year as templates/python/bot.py makes and logs them: on the exchange's ticks, in UTC, an id of uuid5 for each exit. */
export function* positionsOf({kind, seed, positions = 52, isOpen = false, until = new Date()}: HistoryOptions): Generator<HeldPosition> {
  const random = randomOf(seed)
  const stepMs = (52 * weekMs) / positions
  const lastMonday = mondayBefore(until)
  let spot = 24_000
  for (let index = 0; index < positions + Number(isOpen); index++) {
    const openedMs = lastMonday - (positions - index) * stepMs
    const legs = legsAt(kind, Math.round(spot / 50) * 50).map((leg) => ({...leg, id: uuid(random), price: priceOf(spot, leg), at: stamp(openedMs)}))
    // Half a percent in a position's time, held near where it began: strikes are used again and again.
    spot += (random() - 0.5) * 0.02 * spot + (24_000 - spot) * 0.02
    yield index === positions ? opened(legs) : closed(legs, spot, openedMs, stepMs * heldPart, random)
  }
}

const mondayBefore = (date: Date) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() - ((date.getUTCDay() + 6) % 7), 3, 50)

type Contract = Pick<HeldLeg, 'symbol' | 'strike' | 'optionType' | 'quantity'>

function legsAt(kind: HistoryOptions['kind'], spot: number): Contract[] {
  const leg = (distance: number, optionType: 'CE' | 'PE', lots: number): Contract => {
    const strike = spot + distance
    return {symbol: `NIFTY${strike}${optionType}`, strike, optionType, quantity: lots * lot}
  }
  if (kind === 'butterfly') return [leg(-width, 'CE', 1), leg(0, 'CE', -2), leg(width, 'CE', 1)]
  return [leg(width, 'CE', -1), leg(2 * width, 'CE', 1), leg(-width, 'PE', -1), leg(-2 * width, 'PE', 1)]
}

function priceOf(spot: number, {strike, optionType}: Contract): number {
  const intrinsic = Math.max(0, optionType === 'CE' ? spot - strike : strike - spot)
  const ticks = Math.round((intrinsic + Math.max(0.05, 60 - Math.abs(spot - strike) / 10)) / 0.05)
  return Math.round(ticks * 5) / 100
}

const opened = (legs: HeldLeg[]): HeldPosition => ({
  legs,
  trades: legs.map(entryOf),
  margin: [{at: legs[0]?.at ?? '', change: -margin}],
  isOpen: true,
})

/** One position in twenty ends early by the day's limit, one short leg in six by its own stop; all others when they expire. */
function closed(legs: HeldLeg[], spot: number, openedMs: number, heldMs: number, random: () => number): HeldPosition {
  const isStopped = random() < 0.05
  const end = stamp(openedMs + heldMs * (isStopped ? 0.7 : 1))
  const exits = legs.map((leg): LoggedRow => {
    const isLegStopped = leg.quantity < 0 && random() < 1 / 6
    const price = isLegStopped ? Math.round(leg.price * 40) / 20 : priceOf(spot, leg)
    return exitOf(leg, isLegStopped ? stamp(openedMs + heldMs * 0.4) : end, price, isLegStopped ? 'STOP_LOSS_LEG' : isStopped ? 'DAILY_SL_EXIT' : 'EXPIRY')
  })
  const pnl = exits.reduce((sum, row) => sum + (row[7] ?? 0), 0)
  const byTime = exits.toSorted((a, b) => (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0))
  return {...opened(legs), trades: [...legs.map(entryOf), ...byTime], margin: [...opened(legs).margin, {at: end, change: margin + pnl}], isOpen: false}
}

const entryOf = ({id, at, symbol, quantity, price}: HeldLeg): LoggedRow => [
  id,
  at,
  symbol,
  quantity > 0 ? 'BUY' : 'SELL',
  Math.abs(quantity),
  price,
  'ENTRY',
  null,
]

const exitOf = ({id, symbol, quantity, price: entryPrice}: HeldLeg, at: string, price: number, reason: string): LoggedRow => [
  exitId(id),
  at,
  symbol,
  quantity > 0 ? 'SELL' : 'BUY',
  Math.abs(quantity),
  price,
  reason,
  Math.round((price - entryPrice) * quantity * 1e4) / 1e4,
]

const stamp = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

function uuid(random: () => number): string {
  const bytes = Buffer.from(Array.from({length: 16}, () => Math.floor(random() * 256)))
  return uuidOf(bytes, 4)
}

/** uuid5 of what `exit of LEG` is called, as strat_store.py makes it. */
const exitId = (id: string) => uuidOf(createHash('sha1').update(oidNamespace).update(`exit of ${id}`).digest(), 5)

const oidNamespace = Buffer.from('6ba7b8129dad11d180b400c04fd430c8', 'hex')

function uuidOf(bytes: Buffer, version: number): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | (version << 4)
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
