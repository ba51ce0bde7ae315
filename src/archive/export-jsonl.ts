import {exportColumns, portions, type TradeFormat} from './exported-trade.ts'

/** Writes one JSON object a line; numbers in the shortest form that reads back the same. */
export const writeJsonl: TradeFormat = async (trades, write) => {
  for (const portion of portions(trades, 1000)) await write(portion.map((trade) => `${JSON.stringify(trade, [...exportColumns])}\n`).join(''))
}
