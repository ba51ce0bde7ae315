import {createHash} from 'node:crypto'
import {type ArchivedTrade, archivedTrades} from './archived-trades.ts'
import type {Opened} from './archiving.ts'
import type {Batch, BatchSpool} from './batch-spool.ts'
import {addProblem, type Problems} from './problems.ts'

/** One page of rows: how many, and which of them are of sealed batches. */
export type VerifiedPage = {rows: number; sealed: ArchivedTrade[]}

/**
 * Reads every row, compares it with its hash, and the rows of each sealed batch with its manifest.
 *
 * @param onPage is handed the rows, page by page in order of the archive's key
 * @returns how many rows there are
 */
export async function verifyRows(archive: Opened, batches: BatchSpool, problems: Problems, onPage: (page: VerifiedPage) => void): Promise<number> {
  let rows = 0
  for await (const page of archivedTrades(archive)) {
    const {sealed, strangers, hashes} = sortOut(page, batches, problems)
    batches.keepHashes(hashes)
    rows += page.length
    await findUnbatched(archive, strangers, problems)
    onPage({rows: page.length, sealed})
  }
  for (const {batch, hashes} of batches.sealed()) compare(batch, hashes, problems)
  return rows
}

type Sorted = {sealed: ArchivedTrade[]; strangers: ArchivedTrade[]; hashes: {batch: number; sha256: string}[]}

function sortOut(page: ArchivedTrade[], batches: BatchSpool, problems: Problems): Sorted {
  const sorted: Sorted = {sealed: [], strangers: [], hashes: []}
  for (const trade of page) {
    const batch = batches.find(trade.batchId)
    if (!trade.isIntact) addProblem(problems, {kind: 'row-altered', ...whereOf(trade), detail: 'The row is not what its row_sha256 says.'})
    if (!batch) sorted.strangers.push(trade)
    else if (batch.databaseId !== trade.databaseId)
      addProblem(problems, {kind: 'row-misplaced', ...whereOf(trade), detail: `Its batch is of the database ${batch.databaseId}.`})
    else if (batch.isSealed) {
      sorted.sealed.push(trade)
      sorted.hashes.push({batch: batch.number, sha256: trade.sha256})
    }
  }
  return sorted
}

const whereOf = ({batchId, databaseId, id}: ArchivedTrade) => ({batch: batchId, source: databaseId, id})

function compare({batchId, databaseId, rowCount, rowsSha256}: Batch, hashes: Iterable<string>, problems: Problems): void {
  let count = 0
  // In order of their ids, which is the order of the archive's key.
  const hash = createHash('sha256')
  for (const sha256 of hashes) {
    count += 1
    hash.update(`${sha256}\n`)
  }
  const where = {batch: batchId, source: databaseId}
  const detail = `The batch has ${count} rows; its manifest says ${rowCount}.`
  if (count < rowCount) addProblem(problems, {kind: 'rows-missing', ...where, detail})
  else if (count > rowCount) addProblem(problems, {kind: 'rows-added', ...where, detail})
  else if (hash.digest('hex') !== rowsSha256)
    addProblem(problems, {kind: 'rows-exchanged', ...where, detail: 'Its rows are others than those that were sealed.'})
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
