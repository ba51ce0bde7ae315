import type {KeptReason} from './kept-reasons.ts'
import type {LoggedTrade, OddPart} from './logged-trade.ts'

const exits: unknown[] = ['STOP_LOSS_LEG', 'DAILY_SL_EXIT', 'EXPIRY']

const oddReasons: Record<OddPart, KeptReason | undefined> = {
  id: 'ID_INVALID',
  // What is wrong with a timestamp is found where it is read.
  timestamp: undefined,
  symbol: 'SYMBOL_INVALID',
  action: 'ACTION_UNKNOWN',
  quantity: 'QUANTITY_INVALID',
  price: 'PRICE_INVALID',
  execution_reason: 'REASON_UNKNOWN',
  pnl: 'PNL_INVALID',
  row: 'ROW_TOO_LARGE',
}

/** Why a row cannot be summed or archived with others, its timestamp aside; undefined for what a bot should write. */
export const problemOf = (trade: LoggedTrade): KeptReason | undefined => (trade.odd && oddReasons[trade.odd]) ?? problemOfValues(trade)

function problemOfValues({symbol, id, action, quantity, price, execution_reason, pnl}: LoggedTrade): KeptReason | undefined {
  if (typeof symbol !== 'string') return 'SYMBOL_INVALID'
  if (typeof id !== 'string') return 'ID_INVALID'
  if (action !== 'BUY' && action !== 'SELL') return 'ACTION_UNKNOWN'
  if (execution_reason !== 'ENTRY' && !exits.includes(execution_reason)) return 'REASON_UNKNOWN'
  if (!(Number.isSafeInteger(quantity) && Number(quantity) > 0)) return 'QUANTITY_INVALID'
  if (!Number.isFinite(price)) return 'PRICE_INVALID'
  if (pnl === null) return execution_reason === 'ENTRY' ? undefined : 'PNL_MISSING'
  return Number.isFinite(pnl) ? undefined : 'PNL_INVALID'
}
