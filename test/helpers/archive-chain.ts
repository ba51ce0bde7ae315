import {hashHead, hashRow, hashRows} from '../../src/archive/canonical.ts'
import {tradeColumns} from '../../src/archive/trade-row.ts'

type Row = Record<string, unknown>

/** What is wrong with an archive, each as a sentence: a row that is not what its hash says, a batch that is not what the manifest says, a broken chain. */
export function faultsOfChain(batches: Row[], rows: Row[]): string[] {
  const faults: string[] = []
  const hashes = new Map<unknown, {id: string; sha256: string}[]>()
  for (const row of rows) {
    const source = {databaseId: String(row['source_database_id']), strategy: String(row['strategy'])}
    const sha256 = hashRow(source, JSON.stringify(tradeColumns.map((column) => row[column])))
    if (sha256 !== row['row_sha256']) faults.push(`row ${row['id']} is not what its hash says`)
    hashes.set(row['batch_id'], [...(hashes.get(row['batch_id']) ?? []), {id: String(row['id']), sha256}])
  }
  const sealed = batches.filter((batch) => batch['sealed_at'] !== null).sort((a, b) => Number(a['sequence']) - Number(b['sequence']))
  let prevSha256: string | null = null
  for (const [index, batch] of sealed.entries()) {
    const own = hashes.get(batch['batch_id']) ?? []
    if (own.length !== batch['row_count'] || hashRows(own) !== batch['rows_sha256']) faults.push(`batch ${index + 1} has other rows than it says`)
    const head: string = hashHead({...manifestOf(batch), sequence: index + 1, prevSha256})
    if (batch['prev_sha256'] !== prevSha256 || batch['head_sha256'] !== head) faults.push(`batch ${index + 1} does not follow the one before`)
    prevSha256 = head
  }
  const known = new Set(batches.map((batch) => batch['batch_id']))
  for (const batchId of hashes.keys()) if (!known.has(batchId)) faults.push(`rows of no batch: ${batchId}`)
  return faults
}

const manifestOf = (batch: Row) => ({
  batchId: String(batch['batch_id']),
  databaseId: String(batch['source_database_id']),
  isOpen: batch['is_open'] === 1,
  rowCount: Number(batch['row_count']),
  rowsSha256: String(batch['rows_sha256']),
  copiedAt: String(batch['copied_at']),
  deletedAt: String(batch['deleted_at']),
  sealedAt: String(batch['sealed_at']),
  toolVersion: String(batch['tool_version']),
})
