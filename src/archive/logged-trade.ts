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
}
