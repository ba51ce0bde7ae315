import type {Row} from '@libsql/client'
import {hasCode} from '../errors.ts'
import type {Opened} from './archiving.ts'
import {hashRow} from './canonical.ts'
import {oddColumn, selectedColumns, toRowJson} from './trade-row.ts'

/** A row of the archive. `isIntact`: it is, in every column, what its `row_sha256` says. */
export type ArchivedTrade = {databaseId: string; strategy: string; id: string; json: string; batchId: string; sha256: string; isIntact: boolean}

/** Rows a page; an answer may have 10 MB at most. */
const pageSize = 1000

/** Where a page begins: after a row of a source, or, without its id, at the next source. */
type After = {databaseId: string; id?: string}

/** Every row of the archive in order of its key, page by page: one row is read for each. */
export async function* archivedTrades(archive: Opened): AsyncGenerator<ArchivedTrade[]> {
  const {keepHeapFlat} = await import('../fleet/flat-heap.ts')
  // Before the first page, which alone lets V8's young generation grow.
  keepHeapFlat()
  let after: After | undefined
  for (let limit = pageSize; ; ) {
    const page = await readPage(archive, after, limit)
    limit = page.limit
    const trades = page.rows.map(toTrade)
    const last = trades.at(-1)
    if (trades.length > 0) yield trades
    if (last && trades.length === limit) after = {databaseId: last.databaseId, id: last.id}
    else if (after?.id !== undefined) after = {databaseId: after.databaseId}
    else return
  }
}

/**
 * Asks for fewer rows at once where those of a page are too large for one answer. The rest of a source, and the sources after it, are asked
 * for by conditions that SQLite only seeks by: where it compares two columns at once, it compares each row once more.
 */
async function readPage(archive: Opened, after: After | undefined, limit: number): Promise<{rows: Row[]; limit: number}> {
  const where = after && (after.id === undefined ? 'WHERE source_database_id > ?' : 'WHERE source_database_id = ? AND id > ?')
  const sql = `SELECT source_database_id, strategy, ${selectedColumns}, row_sha256, batch_id, ${oddColumn} AS odd
    FROM trade_logs ${where ?? ''} ORDER BY source_database_id, id LIMIT ${limit}`
  try {
    const [page] = await archive.read([{sql, args: Object.values(after ?? {})}])
    return {rows: page?.rows ?? [], limit}
  } catch (error) {
    if (!hasCode(error, 'RESPONSE_TOO_LARGE') || limit === 1) throw error
    return readPage(archive, after, Math.ceil(limit / 4))
  }
}

function toTrade(row: Row): ArchivedTrade {
  const json = toRowJson(row)
  const [databaseId, strategy, sha256] = [String(row['source_database_id']), String(row['strategy']), String(row['row_sha256'])]
  // No JSON tells an infinity from NULL, or a blob from a text: no archive has taken one.
  const isIntact = row['odd'] === null && hashRow({databaseId, strategy}, json) === sha256
  return {databaseId, strategy, id: String(row['id']), json, batchId: String(row['batch_id']), sha256, isIntact}
}
