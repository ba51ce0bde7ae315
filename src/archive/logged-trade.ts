import type {tradeColumns} from './trade-row.ts'

/** Why no archive can take a row as it is: because of this column's value, or because all of it is too large. */
export type OddPart = (typeof tradeColumns)[number] | 'row'

/** A row of `trade_logs` as the server returned it. SQLite keeps any type in any column, so nothing is known of a value before it is looked at. */
export type LoggedTrade = {
  id: unknown
  timestamp: unknown
  symbol: unknown
  action: unknown
  quantity: unknown
  price: unknown
  execution_reason: unknown
  pnl: unknown
  /** Set where a value is not what the row has: JSON has neither blobs nor infinities. */
  odd?: OddPart
}
