/** The columns of an export, in their order. */
export const exportColumns = [
  'strategy',
  'source_database_id',
  'id',
  'timestamp',
  'local_date',
  'exit_date',
  'symbol',
  'action',
  'quantity',
  'price',
  'execution_reason',
  'pnl',
  'batch_id',
  'row_sha256',
] as const

/**
 * One trade as it is exported: each value as the archive has it, and two dates of the market's, its own and that of the exit by which
 * it counts; null where its timestamp is no instant, or nothing has closed it.
 */
export type ExportedTrade = Record<(typeof exportColumns)[number], string | number | null>

/** Writes trades in one format. `write` is awaited before more is asked for. */
export type TradeFormat = (trades: Iterable<ExportedTrade>, write: (part: string | Uint8Array) => Promise<void>) => Promise<void>

/** Trades in portions, so that memory stays flat and files are written in large pieces. */
export function* portions(trades: Iterable<ExportedTrade>, size: number): Generator<ExportedTrade[]> {
  let portion: ExportedTrade[] = []
  for (const trade of trades) {
    portion.push(trade)
    if (portion.length < size) continue
    yield portion
    portion = []
  }
  if (portion.length > 0) yield portion
}
