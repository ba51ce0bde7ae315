/** Why rows stay in a strategy's `trade_logs`, each with a clause for people. What begins with a column's name, or ROW, is about the row itself or one before it. */
export const keptReasons = {
  SYMBOL_INVALID: 'the symbol is no text',
  TIMESTAMP_MISSING: 'a row of the symbol has no timestamp',
  TIMESTAMP_INVALID: 'a timestamp of the symbol cannot be read',
  TIMESTAMP_MIXED: 'the timestamps of the symbol are written in more than one format',
  TIMESTAMP_FUTURE: "a timestamp of the symbol is later than the server's clock",
  ID_INVALID: 'from here on a row has an id that is no text',
  ACTION_UNKNOWN: 'from here on a row has an action that is neither BUY nor SELL',
  REASON_UNKNOWN: 'from here on a row has an unknown execution_reason',
  QUANTITY_INVALID: 'from here on a row has a quantity that is no whole number above 0',
  PRICE_INVALID: 'from here on a row has a price that is no number',
  PNL_INVALID: 'from here on a row has a pnl that is no number',
  PNL_MISSING: 'from here on an exit has no pnl',
  ROW_TOO_LARGE: 'from here on a row is larger than a server takes at once',
  POSITION_OPEN: 'a position in the symbol, or in an option or future on it, is open',
  TOO_RECENT: 'closed on the current trading day or less than 24 hours ago',
  NOT_FLAT: 'what was bought and what was sold differ',
  UNBALANCED: 'entries and exits differ',
} as const

export type KeptReason = keyof typeof keptReasons
