import type {Archiving, MovingRow, OpenBatch} from './archiving.ts'
import {hashRows} from './canonical.ts'
import {settled} from './settled.ts'

/** Characters of JSON in one argument: a value may have 5,000,000 bytes, and a character three. */
const charactersAtOnce = 500_000
const rowsAtOnce = 1000

/**
 * Copies rows into the archive, as a batch that is not sealed, in one transaction. A key that is there already stays as it is.
 * The manifest's key lets a request that arrives a second time, however late, change nothing.
 */
export async function copyBatch({archive, from, toolVersion, steps}: Archiving, {batchId, epoch, isOpen}: OpenBatch, rows: MovingRow[]): Promise<void> {
  const manifest = {
    sql: `INSERT INTO archive_batches (batch_id, source_database_id, row_count, rows_sha256, copied_at, tool_version, is_open)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
    args: [batchId, from.databaseId, BigInt(rows.length), hashRows(rows), epoch, toolVersion, BigInt(isOpen)],
  }
  const inserts = [...parametersOf(rows)].map((parameter) => ({
    sql: `INSERT INTO trade_logs
        (source_database_id, id, strategy, timestamp, symbol, action, quantity, price, execution_reason, pnl, row_sha256, batch_id)
      SELECT ?2, value ->> 0, ?3, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8, ?4
      FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
    args: [parameter, from.databaseId, from.strategy, batchId],
  }))
  const isThere = async () => {
    const [found] = await archive.read([{sql: 'SELECT 1 FROM archive_batches WHERE batch_id = ?', args: [batchId]}])
    return found?.rows.length ? true : undefined
  }
  await steps.take('copy', rows.length, () => settled(archive, () => archive.write([manifest, ...inserts]).then(() => true), isThere))
}

/** The rows as JSON arrays of bounded size, each row with its hash. As text, since a server changes the last place of numbers that are bound. */
function* parametersOf(rows: MovingRow[]): Generator<string> {
  let part: string[] = []
  let characters = 0
  for (const {json, sha256} of rows) {
    const text = `${json.slice(0, -1)},"${sha256}"]`
    if (part.length > 0 && (part.length === rowsAtOnce || characters + text.length > charactersAtOnce)) {
      yield `[${part.join()}]`
      part = []
      characters = 0
    }
    part.push(text)
    characters += text.length
  }
  yield `[${part.join()}]`
}
