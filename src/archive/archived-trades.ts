import type {Row, Value} from '@libsql/client'
import type {Opened} from './archiving.ts'
import {hashRow} from './canonical.ts'
import {pagesOf} from './pages.ts'
import {oddColumn, selectedColumns, toRowJson} from './trade-row.ts'

/** A row of the archive. `isIntact`: it is, in every column, what its `row_sha256` says. */
export type ArchivedTrade = {databaseId: string; strategy: string; id: string; json: string; batchId: string; sha256: string; isIntact: boolean}

/** Every row of the archive in order of its key, page by page: one row is read for each. */
export async function* archivedTrades(archive: Opened): AsyncGenerator<ArchivedTrade[]> {
  for await (const page of pagesOf((after, limit) => readPage(archive, after, limit))) yield page.map(toTrade)
}

/** The rest of a source, then of the sources after it, by conditions that SQLite only seeks by: where it compares two columns at once, it compares each row once more. */
async function readPage(archive: Opened, after: Row | undefined, limit: number): Promise<Row[]> {
  if (!after) return select(archive, '', [], limit)
  const {source_database_id: source = null, id = null} = after
  const rest = await select(archive, 'WHERE source_database_id = ? AND id > ?', [source, id], limit)
  return rest.length < limit ? [...rest, ...(await select(archive, 'WHERE source_database_id > ?', [source], limit - rest.length))] : rest
}

async function select(archive: Opened, where: string, args: Value[], limit: number): Promise<Row[]> {
  const sql = `SELECT source_database_id, strategy, ${selectedColumns}, row_sha256, batch_id, ${oddColumn} AS odd
    FROM trade_logs ${where} ORDER BY source_database_id, id LIMIT ${limit}`
  const [page] = await archive.read([{sql, args}])
  return page?.rows ?? []
}

function toTrade(row: Row): ArchivedTrade {
  const json = toRowJson(row)
  const [databaseId, strategy, sha256] = [String(row['source_database_id']), String(row['strategy']), String(row['row_sha256'])]
  // No JSON tells an infinity from NULL, or a blob from a text: no archive has taken one.
  const isIntact = row['odd'] === null && hashRow({databaseId, strategy}, json) === sha256
  return {databaseId, strategy, id: String(row['id']), json, batchId: String(row['batch_id']), sha256, isIntact}
}
