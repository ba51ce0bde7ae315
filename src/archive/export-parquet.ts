import {StratError} from '../errors.ts'
import {type ExportedTrade, exportColumns, portions, type TradeFormat} from './exported-trade.ts'

/** Rows a row group, all in memory at once: 2,500 come to 27 MB more. */
const groupRows = 1000

/** The columns by whose least and greatest values a reader can pass over row groups. Those of all stay in memory until the end. */
const inOrder = ['timestamp', 'local_date', 'exit_date']

const optional = ['timestamp', 'exit_date', 'pnl']

/**
 * Writes Apache Parquet: `quantity` as INT64, `price` and `pnl` as DOUBLE, the others as strings.
 *
 * @throws StratError EXPORT_UNTYPED where a trade has a value that its column cannot hold
 */
export const writeParquet: TradeFormat = async (trades, write) => {
  const {ByteWriter, ParquetWriter} = await import('hyparquet-writer')
  const bytes = new ByteWriter()
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [{name: 'trades', num_children: exportColumns.length}, ...exportColumns.map(toElement)],
    createdBy: 'strat',
  })
  const flush = async (part: Uint8Array) => {
    await write(part)
    bytes.index = 0
  }
  for (const portion of portions(trades, groupRows)) {
    const columnData = exportColumns.map((name) => ({
      name,
      offsetIndex: false,
      statistics: inOrder.includes(name),
      data: portion.map((trade) => toValue(trade, name)),
    }))
    await writer.write({columnData, rowGroupSize: groupRows})
    // Of pages without indexes nothing is written at the end, and it would stay in memory until then.
    writer.pendingIndexes.length = 0
    await flush(bytes.getBytes())
  }
  await writer.finish()
  await flush(writer.num_rows === 0n ? correctFooter(bytes.getBytes()) : bytes.getBytes())
}

/** hyparquet-writer marks an empty list of row groups as one of nothing (0), which strict readers refuse: it is one of structures (12). */
function correctFooter(bytes: Uint8Array): Uint8Array {
  const footer = Buffer.from(bytes)
  const noRowsNoGroups = Buffer.from([0x16, 0, 0x19, 0])
  footer[footer.lastIndexOf(noRowsNoGroups) + 3] = 12
  return footer
}

type Column = (typeof exportColumns)[number]

function toElement(name: Column) {
  const repetition_type = optional.includes(name) ? ('OPTIONAL' as const) : ('REQUIRED' as const)
  if (name === 'quantity') return {name, repetition_type, type: 'INT64' as const}
  if (name === 'price' || name === 'pnl') return {name, repetition_type, type: 'DOUBLE' as const}
  return {name, repetition_type, type: 'BYTE_ARRAY' as const, converted_type: 'UTF8' as const}
}

function toValue(trade: ExportedTrade, column: Column): string | number | bigint | null {
  const value = trade[column]
  if (value === null && optional.includes(column)) return null
  if (column === 'quantity') {
    // Integers that no number of JavaScript holds come as text.
    if (Number.isSafeInteger(value) || (typeof value === 'string' && isInt64(value))) return BigInt(value ?? 0)
  } else if (typeof value === (column === 'price' || column === 'pnl' ? 'number' : 'string')) return value
  throw new StratError(
    'EXPORT_UNTYPED',
    `The trade ${trade.id} of ${trade.strategy} has a value as its ${column} that no Parquet column holds: ${JSON.stringify(value)}.`,
    {
      suggestions: ['Export with --format csv or --format jsonl, which hold any value as it is.'],
    },
  )
}

const isInt64 = (text: string) => /^-?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)
