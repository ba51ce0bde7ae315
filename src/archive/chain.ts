import type {Opened} from './archiving.ts'
import {isManifestIntact, isSealed, type Manifest, manifests} from './manifests.ts'
import {addProblem, type Problems} from './problems.ts'

/** A batch as its manifest says. */
export type Batch = {databaseId: string; isSealed: boolean; rowCount: number; rowsSha256: string}

/** What the manifests say together. `anchor`: where the head is that is known from elsewhere. */
export type Chain = {
  batches: Map<string, Batch>
  sealed: number
  rows: number
  head: string | null
  anchor: 'head' | 'ancestor' | 'missing'
  unsealed: {batch: string; source: string; copiedAt: string}[]
}

/** Reads all manifests and finds out whether they are one chain, from the first batch to the head. */
export async function readChain(archive: Opened, known: string | undefined, problems: Problems): Promise<Chain> {
  const chain: Chain = {batches: new Map(), sealed: 0, rows: 0, head: null, anchor: 'missing', unsealed: []}
  let previous: Manifest | undefined
  for await (const manifest of manifests(archive)) {
    const [batch, source] = [manifest.batch_id ?? '', manifest.source_database_id ?? '']
    const rowCount = Number(manifest.row_count)
    chain.batches.set(batch, {databaseId: source, isSealed: isSealed(manifest), rowCount, rowsSha256: manifest.rows_sha256 ?? ''})
    chain.rows += rowCount || 0
    if (!isSealed(manifest)) {
      chain.unsealed.push({batch, source, copiedAt: manifest.copied_at ?? ''})
      continue
    }
    chain.sealed += 1
    const isIntact = isManifestIntact(manifest)
    if (!isIntact) addProblem(problems, {kind: 'manifest-altered', batch, source, detail: `Batch ${nameOf(manifest)} is not what its head_sha256 says.`})
    // Without a place it is told above, and its place is a gap.
    if (manifest.sequence === null) continue
    checkPlace(manifest, previous, problems)
    if (chain.anchor === 'head') chain.anchor = 'ancestor'
    if (isIntact && manifest.head_sha256 === known) chain.anchor = 'head'
    chain.head = manifest.head_sha256
    previous = manifest
  }
  return chain
}

const nameOf = ({sequence, batch_id}: Manifest) => (sequence === null ? `${batch_id}` : `${sequence} (${batch_id})`)

function checkPlace(manifest: Manifest, previous: Manifest | undefined, problems: Problems): void {
  const where = {batch: manifest.batch_id ?? '', source: manifest.source_database_id ?? ''}
  const [place, expected] = [Number(manifest.sequence), Number(previous?.sequence ?? 0) + 1]
  const before = previous ? `batch ${nameOf(previous)}` : 'no other'
  if (previous && place === expected - 1)
    addProblem(problems, {kind: 'chain-forked', ...where, detail: `Batch ${nameOf(manifest)} has the place of ${before}.`})
  else if (place !== expected)
    addProblem(problems, {kind: 'chain-gap', ...where, detail: `Batch ${nameOf(manifest)} comes after ${before}: ${expected} was expected.`})
  else if (manifest.prev_sha256 !== (previous?.head_sha256 ?? null))
    addProblem(problems, {kind: 'chain-broken', ...where, detail: `Batch ${nameOf(manifest)} does not follow ${before}.`})
}
