import {isSealed, type Manifest} from './manifests.ts'
import type {Spool} from './spool.ts'

/** A batch as its manifest says; `number` is its place among those that were kept. */
export type Batch = {number: number; batchId: string; databaseId: string; isSealed: boolean; rowCount: number; rowsSha256: string}

/** Keeps manifests and the hashes of rows in the spool: a fleet makes a hundred thousand batches a year, and each has a hash that goes on to the last row. */
export type BatchSpool = {
  keep(manifests: Manifest[]): void
  /** Lets batches be found, when all are kept. */
  endKeeping(): void
  find(batchId: string): Pick<Batch, 'number' | 'databaseId' | 'isSealed'> | undefined
  /** Keeps hashes of rows, each with the number of its batch. */
  keepHashes(hashes: {batch: number; sha256: string}[]): void
  /** The sealed batches, each with the hashes that it was given, in that order; these must be read before the next batch is asked for. */
  sealed(): Generator<{batch: Batch; hashes: Iterable<string>}>
}

const schema = `
  CREATE TABLE batch (number INTEGER PRIMARY KEY, batch_id TEXT, source TEXT, is_sealed INTEGER, row_count TEXT, rows_sha256 TEXT);
  CREATE TABLE row_hash (batch INTEGER, sha256 TEXT)`

/** Makes the tables for the batches of an archive. */
export function batchSpool(spool: Spool): BatchSpool {
  spool.exec(schema)
  const insert = spool.prepare('INSERT INTO batch (batch_id, source, is_sealed, row_count, rows_sha256) VALUES (?, ?, ?, ?, ?)')
  const select = spool.prepare('SELECT number, source, is_sealed FROM batch WHERE batch_id = ?')
  const insertHash = spool.prepare('INSERT INTO row_hash (batch, sha256) VALUES (?, ?)')
  return {
    keep: (manifests) => {
      spool.exec('BEGIN')
      for (const manifest of manifests) {
        const {batch_id, source_database_id, row_count, rows_sha256} = manifest
        insert.run(batch_id ?? '', source_database_id ?? '', Number(isSealed(manifest)), row_count, rows_sha256 ?? '')
      }
      spool.exec('COMMIT')
    },
    endKeeping: () => spool.exec('CREATE INDEX batch_by_id ON batch (batch_id, source, is_sealed)'),
    find: (batchId) => {
      const found = select.get(batchId)
      return found && {number: Number(found['number']), databaseId: String(found['source']), isSealed: found['is_sealed'] === 1}
    },
    keepHashes: (hashes) => {
      spool.exec('BEGIN')
      for (const {batch, sha256} of hashes) insertHash.run(batch, sha256)
      spool.exec('COMMIT')
    },
    sealed: () => sealedBatches(spool),
  }
}

function* sealedBatches(spool: Spool): ReturnType<BatchSpool['sealed']> {
  const hashes = spool.prepare('SELECT batch, sha256 FROM row_hash ORDER BY batch, rowid').iterate()
  let next = hashes.next()
  function* hashesOf(number: unknown) {
    for (; !next.done && next.value['batch'] === number; next = hashes.next()) yield String(next.value['sha256'])
  }
  for (const {number, batch_id, source, row_count, rows_sha256} of spool.prepare('SELECT * FROM batch WHERE is_sealed ORDER BY number').iterate()) {
    const batch = {number: Number(number), batchId: String(batch_id), databaseId: String(source), isSealed: true}
    yield {batch: {...batch, rowCount: Number(row_count), rowsSha256: String(rows_sha256)}, hashes: hashesOf(number)}
  }
}
