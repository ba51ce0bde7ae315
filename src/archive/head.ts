import type {Row} from '@libsql/client'
import {StratError} from '../errors.ts'
import type {Opened} from './archiving.ts'
import {isManifestIntact, toManifest} from './manifests.ts'

/** The place of the batch that was sealed last, and the head of the chain that it is. */
export type Head = {sequence: number; sha256: string}

/**
 * The head of the chain, from the row that `selectLastBatch` finds; undefined where nothing is sealed.
 *
 * @throws StratError ARCHIVE_ALTERED where that batch is not what its head says: nothing that came after it would prove anything
 */
export function toHead({name}: Opened, row: Row | undefined): Head | undefined {
  if (!row) return undefined
  const manifest = toManifest(row)
  const {sequence, batch_id, head_sha256: sha256} = manifest
  if (sha256 !== null && isManifestIntact(manifest)) return {sequence: Number(sequence), sha256}
  throw new StratError('ARCHIVE_ALTERED', `${name} is not as it was sealed: batch ${sequence} (${batch_id}) is not what its head_sha256 says.`, {
    suggestions: ['strat archive verify', 'Nothing is sealed after it. Bring the archive back as it was, then run the same command again: no trade is lost.'],
  })
}

/** The head of the chain as it stands there, unchecked; null where nothing is sealed. */
export async function readHead(archive: Pick<Opened, 'read'>): Promise<string | null> {
  const [found] = await archive.read([{sql: 'SELECT head_sha256 FROM archive_batches WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1', args: []}])
  const head = found?.rows[0]?.['head_sha256']
  return typeof head === 'string' ? head : null
}
