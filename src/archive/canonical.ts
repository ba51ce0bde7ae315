import {createHash} from 'node:crypto'

// What the archive proves, and how anybody computes it again years later. Each line below ends with a newline.
//
// row_sha256   two lines: "strat trade 1", and the JSON array [source_database_id, strategy, id, timestamp, symbol, action, quantity, price,
//              execution_reason, pnl] without spaces, numbers as the shortest text that reads back the same (as in JavaScript), NULL as null,
//              an integer beyond 2^53 - 1 in timestamp or quantity as a text of its digits.
// rows_sha256  one line for each row of the batch, its row_sha256, in order of the ids' bytes (SQLite's ORDER BY id):
//              sqlite3 archive.db "SELECT row_sha256 FROM trade_logs WHERE batch_id = '…' ORDER BY id" | sha256sum
// head_sha256  twelve lines: "strat batch 1", the head_sha256 of the batch that was sealed before (an empty line for the first), then
//              sequence, batch_id, source_database_id, is_open, row_count, rows_sha256, copied_at, deleted_at, sealed_at, tool_version.

/** Whose rows they are: a strategy that is destroyed and made again has another `databaseId`. */
export type Source = {databaseId: string; strategy: string}

/** A batch as it is sealed: the columns of `archive_batches` that its place in the chain proves. */
export type SealedBatch = {
  sequence: number
  batchId: string
  databaseId: string
  isOpen: boolean
  rowCount: number
  rowsSha256: string
  prevSha256: string | null
  copiedAt: string
  deletedAt: string
  sealedAt: string
  toolVersion: string
}

/** The `row_sha256` of a row given as `toRowJson` has it, in hexadecimal. */
export const hashRow = ({databaseId, strategy}: Source, rowJson: string): string =>
  sha256(`strat trade 1\n${JSON.stringify([databaseId, strategy]).slice(0, -1)},${rowJson.slice(1)}\n`)

/** The `rows_sha256` of a batch, whatever order its rows are given in. */
export function hashRows(rows: Iterable<{id: string; sha256: string}>): string {
  const sorted = [...rows].map(({id, sha256}) => ({bytes: Buffer.from(id), sha256})).sort((a, b) => Buffer.compare(a.bytes, b.bytes))
  const hash = createHash('sha256')
  for (const {sha256} of sorted) hash.update(`${sha256}\n`)
  return hash.digest('hex')
}

/** The `head_sha256` of a batch: it proves the batch, and all that were sealed before. */
export function hashHead(batch: SealedBatch): string {
  const {sequence, batchId, databaseId, isOpen, rowCount, rowsSha256, prevSha256, copiedAt, deletedAt, sealedAt, toolVersion} = batch
  const lines = [prevSha256 ?? '', sequence, batchId, databaseId, Number(isOpen), rowCount, rowsSha256, copiedAt, deletedAt, sealedAt, toolVersion]
  return sha256(`strat batch 1\n${lines.map((line) => `${line}\n`).join('')}`)
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
