import {createHash, type Hash} from 'node:crypto'
import {type ArchivedTrade, archivedTrades} from './archived-trades.ts'
import type {Opened} from './archiving.ts'
import type {Batch, Chain} from './chain.ts'
import {addProblem, type Problems} from './problems.ts'

/** What was seen of a batch: how many rows, and their hashes in order of their ids, which is the order of the archive's key. */
type Seen = {rows: number; hash: Hash}

/**
 * Reads every row, compares it with its hash, and the rows of each sealed batch with its manifest.
 *
 * @param onPage is handed the rows, page by page in order of the archive's key
 * @returns how many rows there are
 */
export async function verifyRows(archive: Opened, {batches}: Chain, problems: Problems, onPage: (page: ArchivedTrade[]) => void): Promise<number> {
  const left = new Map([...batches].filter(([, {isSealed}]) => isSealed))
  const seen = new Map<string, Seen>()
  let rows = 0
  let source: string | undefined
  const closeSource = () => {
    for (const [batchId, {rows: count, hash}] of seen) {
      const batch = left.get(batchId)
      if (batch) compare(batchId, batch, {count, sha256: hash.digest('hex')}, problems)
      left.delete(batchId)
    }
    seen.clear()
  }
  for await (const page of archivedTrades(archive)) {
    const strangers: ArchivedTrade[] = []
    for (const trade of page) {
      // A batch has rows of one source only, and rows come source by source: no more is kept than one source's batches.
      if (trade.databaseId !== source) closeSource()
      source = trade.databaseId
      const batch = batches.get(trade.batchId)
      if (!trade.isIntact) addProblem(problems, {kind: 'row-altered', ...whereOf(trade), detail: 'The row is not what its row_sha256 says.'})
      if (!batch) strangers.push(trade)
      else if (batch.databaseId === source) count(seen, trade)
      else addProblem(problems, {kind: 'row-misplaced', ...whereOf(trade), detail: `Its batch is of the database ${batch.databaseId}.`})
    }
    rows += page.length
    await findUnbatched(archive, strangers, problems)
    onPage(page)
  }
  closeSource()
  for (const [batchId, batch] of left) compare(batchId, batch, {count: 0, sha256: ''}, problems)
  return rows
}

const whereOf = ({batchId, databaseId, id}: ArchivedTrade) => ({batch: batchId, source: databaseId, id})

function count(seen: Map<string, Seen>, {batchId, sha256}: ArchivedTrade): void {
  const batch = seen.get(batchId) ?? {rows: 0, hash: createHash('sha256')}
  batch.rows += 1
  batch.hash.update(`${sha256}\n`)
  seen.set(batchId, batch)
}

function compare(batchId: string, {databaseId, rowCount, rowsSha256}: Batch, found: {count: number; sha256: string}, problems: Problems): void {
  const where = {batch: batchId, source: databaseId}
  const detail = `The batch has ${found.count} rows; its manifest says ${rowCount}.`
  if (found.count < rowCount) addProblem(problems, {kind: 'rows-missing', ...where, detail})
  else if (found.count > rowCount) addProblem(problems, {kind: 'rows-added', ...where, detail})
  else if (found.sha256 !== rowsSha256) addProblem(problems, {kind: 'rows-exchanged', ...where, detail: 'Its rows are others than those that were sealed.'})
}

/** Rows whose batch was not there when the manifests were read: a batch may have come since, and gone again with its rows. */
async function findUnbatched(archive: Opened, trades: ArchivedTrade[], problems: Problems): Promise<void> {
  if (trades.length === 0) return
  const [found] = await archive.read([
    {
      sql: `SELECT wanted.key AS place FROM json_each(?) AS wanted CROSS JOIN trade_logs AS trade
        WHERE trade.source_database_id = wanted.value ->> 0 AND trade.id = wanted.value ->> 1
          AND NOT EXISTS (SELECT 1 FROM archive_batches AS batch WHERE batch.batch_id = trade.batch_id)`,
      args: [JSON.stringify(trades.map(({databaseId, id}) => [databaseId, id]))],
    },
  ])
  for (const row of found?.rows ?? []) {
    const trade = trades[Number(row['place'])]
    if (trade) addProblem(problems, {kind: 'row-unbatched', ...whereOf(trade), detail: `There is no batch ${trade.batchId}.`})
  }
}
