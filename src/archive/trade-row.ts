import type {Row} from '@libsql/client'

/** A row of `trade_logs` as its server returned it. SQLite keeps any type in any column: what a bot wrote may be of another one. */
export type TradeRow = {
  id: string
  timestamp: string | null
  symbol: string
  action: string
  quantity: number
  price: number
  execution_reason: string
  pnl: number | null
}

/** The columns of `trade_logs`, in the order of the table. */
export const tradeColumns = ['id', 'timestamp', 'symbol', 'action', 'quantity', 'price', 'execution_reason', 'pnl'] as const

const bounds = 'BETWEEN -9007199254740991 AND 9007199254740991'
/** An integer that no number of JavaScript holds comes as text: its column makes it an integer again. */
const whole = (column: string) => `iif(typeof(${column}) = 'integer' AND ${column} NOT ${bounds}, CAST(${column} AS TEXT), ${column})`
const isWhole = (column: string) => column === 'timestamp' || column === 'quantity'

/** The columns of `trade_logs` in a SELECT. */
export const selectedColumns = tradeColumns
  .map((column) => `${isWhole(column) ? whole(`trade_logs.${column}`) : `trade_logs.${column}`} AS ${column}`)
  .join(', ')

const infinite = (column: string) => `typeof(${column}) = 'real' AND ${column} NOT BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308`

const missing = (column: string) => (column === 'timestamp' || column === 'pnl' ? '' : ` OR ${column} IS NULL`)

/** The first column whose value an archive cannot take as it is (a blob, an infinity, a NULL, an id that is no text), or NULL. */
export const oddColumn = `CASE WHEN typeof(id) <> 'text' THEN 'id' ${tradeColumns
  .slice(1)
  .map((column) => `WHEN typeof(${column}) = 'blob' OR (${infinite(column)})${missing(column)} THEN '${column}'`)
  .join(' ')} END`

/** A row as the JSON array of its columns, numbers in their shortest form that round-trips: the same text for the same row, whoever returned it. */
export const toRowJson = (row: Row): string => JSON.stringify(tradeColumns.map((column) => toPlain(row[column])))

/** A value as the JSON has it: a blob as SQL's literal of it. */
export const toPlain = (value: unknown) => (value instanceof ArrayBuffer ? `x'${Buffer.from(value).toString('hex')}'` : value)

/**
 * The text of `toRowJson` as a server is given it, each REAL with the 17 digits that are nearest to it. SQLite reads digits to some 64 bits
 * and rounds those: the shortest text, which may be almost as near to the next double, it reads as that one, one time in 8,000.
 */
export const toArgument = (rowJson: string): string => `[${(JSON.parse(rowJson) as unknown[]).map(toExact).join()}]`

const toExact = (value: unknown) => (typeof value === 'number' && !Number.isSafeInteger(value) ? value.toExponential(16) : JSON.stringify(value))

/** The row that `toRowJson` made a text of. */
export function fromRowJson(json: string): TradeRow {
  const [id, timestamp, symbol, action, quantity, price, execution_reason, pnl] = JSON.parse(json)
  return {id, timestamp, symbol, action, quantity, price, execution_reason, pnl}
}
