import {type ExportedTrade, exportColumns, portions, type TradeFormat} from './exported-trade.ts'

/**
 * Writes CSV as RFC 4180 has it, in UTF-8: NULL is an empty field, an empty text is quoted. No value is changed, also not one that
 * a spreadsheet would take for a formula (`looksLikeFormula`): the file is evidence, and each row's hash can be computed from it.
 */
export const writeCsv: TradeFormat = async (trades, write) => {
  await write(`${exportColumns.join()}\r\n`)
  for (const portion of portions(trades, 1000)) await write(portion.map(toLine).join(''))
}

const toLine = (trade: ExportedTrade) => `${exportColumns.map((column) => toField(trade[column])).join()}\r\n`

function toField(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

/** Whether a spreadsheet that opens a CSV file would execute this value. */
export const looksLikeFormula = (value: string | number | null) => typeof value === 'string' && /^[=+\-@\t\r]/.test(value)
