import {messageOf} from '../errors.ts'
import type {Archiving, MovingRow, OpenBatch} from './archiving.ts'
import {hashRows} from './canonical.ts'
import {settled} from './settled.ts'
import {toArgument} from './trade-row.ts'

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
  const inserts = (unless: string) =>
    [...parametersOf(rows)].map((parameter) => ({
      sql: `INSERT INTO trade_logs
          (source_database_id, id, strategy, timestamp, symbol, action, quantity, price, execution_reason, pnl, row_sha256, batch_id)
        SELECT ?2, value ->> 0, ?3, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8, ?4
        FROM json_each(?1) WHERE ${unless} ON CONFLICT DO NOTHING`,
      args: [parameter, from.databaseId, from.strategy, batchId],
    }))
  const write = (unless: string) => archive.write([manifest, ...inserts(unless)]).then(() => true)
  // Where a sealed batch has one of them, the trigger ends it. To ask that beforehand would cost a row read for each row.
  const copy = () => write('true').catch((error) => (isSealed(error) ? write(isNew) : Promise.reject(error)))
  const isThere = async () => {
    const [found] = await archive.read([{sql: 'SELECT 1 FROM archive_batches WHERE batch_id = ?', args: [batchId]}])
    return found?.rows.length ? true : undefined
  }
  await steps.take('copy', rows.length, () => settled(archive, copy, isThere))
}

const isNew = 'NOT EXISTS (SELECT 1 FROM trade_logs AS old WHERE old.source_database_id = ?2 AND old.id = json_each.value ->> 0)'

const isSealed = (error: unknown) => messageOf(error).includes('a sealed trade cannot be replaced')

/** The rows as JSON arrays of bounded size, each row with its hash. As text, since a server changes the last place of numbers that are bound. */
function* parametersOf(rows: MovingRow[]): Generator<string> {
  let part: string[] = []
  let characters = 0
  for (const {json, sha256} of rows) {
    const text = `${toArgument(json).slice(0, -1)},"${sha256}"]`
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
