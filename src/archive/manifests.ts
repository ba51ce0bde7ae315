import type {Row} from '@libsql/client'
import type {Statement} from '../database/database.ts'
import type {Opened} from './archiving.ts'
import {hashHead} from './canonical.ts'
import {pagesOf} from './pages.ts'

/** A row of `archive_batches`, each column as text, whatever somebody has made of its type. */
export type Manifest = Record<(typeof columns)[number], string | null> & {rowid: number}

const columns = [
  'batch_id',
  'source_database_id',
  'row_count',
  'rows_sha256',
  'prev_sha256',
  'head_sha256',
  'copied_at',
  'deleted_at',
  'sealed_at',
  'tool_version',
  'sequence',
  'is_open',
] as const

const asText = columns.map((column) => `iif(typeof(${column}) = 'blob', quote(${column}), CAST(${column} AS TEXT)) AS ${column}`).join(', ')

/** Finds the batch that was sealed last. */
export const selectLastBatch: Statement = {
  sql: `SELECT rowid, ${asText} FROM archive_batches WHERE sequence IS NOT NULL ORDER BY archive_batches.sequence DESC LIMIT 1`,
  args: [],
}

/** The batches that have a place in the chain, in its order, then the others. Who is sealed meanwhile may be left out. */
export async function* manifests(archive: Opened): AsyncGenerator<Manifest[]> {
  yield* pages(archive, 'sequence IS NOT NULL')
  yield* pages(archive, 'sequence IS NULL')
}

async function* pages(archive: Opened, where: string): AsyncGenerator<Manifest[]> {
  const readPage = async (after: Row | undefined, limit: number) => (await archive.read([selectPage(where, after && toManifest(after), limit)]))[0]?.rows ?? []
  for await (const page of pagesOf(readPage)) yield page.map(toManifest)
}

/** A place may have become something that is no number: as what it is, only the archive can compare it. */
function selectPage(where: string, last: Manifest | undefined, limit: number): Statement {
  const place = '(SELECT sequence FROM archive_batches WHERE rowid = ?1)'
  const after = last && (last.sequence === null ? 'AND rowid > ?1' : `AND (sequence, rowid) > (${place}, ?1)`)
  return {
    sql: `SELECT rowid, ${asText} FROM archive_batches WHERE ${where} ${after ?? ''} ORDER BY archive_batches.sequence, rowid LIMIT ${limit}`,
    args: last ? [BigInt(last.rowid)] : [],
  }
}

/** The manifest in a row that this module's queries find. */
export function toManifest(row: Row): Manifest {
  const text = (column: string) => (row[column] === null ? null : String(row[column]))
  return {
    rowid: Number(row['rowid']),
    batch_id: text('batch_id'),
    source_database_id: text('source_database_id'),
    row_count: text('row_count'),
    rows_sha256: text('rows_sha256'),
    prev_sha256: text('prev_sha256'),
    head_sha256: text('head_sha256'),
    copied_at: text('copied_at'),
    deleted_at: text('deleted_at'),
    sealed_at: text('sealed_at'),
    tool_version: text('tool_version'),
    sequence: text('sequence'),
    is_open: text('is_open'),
  }
}

/** Whether a batch is sealed, or was before somebody changed it. */
export const isSealed = ({sequence, head_sha256, sealed_at}: Manifest) => sequence !== null || head_sha256 !== null || sealed_at !== null

/** Whether a sealed batch is in every column what its `head_sha256` says. */
export function isManifestIntact(manifest: Manifest): boolean {
  const {batch_id, source_database_id, row_count, rows_sha256, prev_sha256, copied_at, deleted_at, sealed_at, tool_version, sequence, is_open} = manifest
  const isPlain = (is_open === '0' || is_open === '1') && [sequence, row_count].every((text) => text === String(Number(text)))
  const head = hashHead({
    sequence: Number(sequence),
    batchId: batch_id ?? '',
    databaseId: source_database_id ?? '',
    isOpen: is_open === '1',
    rowCount: Number(row_count),
    rowsSha256: rows_sha256 ?? '',
    prevSha256: prev_sha256,
    copiedAt: copied_at ?? '',
    deletedAt: deleted_at ?? '',
    sealedAt: sealed_at ?? '',
    toolVersion: tool_version ?? '',
  })
  return isPlain && head === manifest.head_sha256
}
