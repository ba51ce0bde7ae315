import type {Opened} from './archiving.ts'
import type {BatchSpool} from './batch-spool.ts'
import {isManifestIntact, isSealed, type Manifest, manifests} from './manifests.ts'
import {addProblem, type Problems} from './problems.ts'

/** What the manifests say together. `anchor`: where the head is that is known from elsewhere. */
export type Chain = {
  sealed: number
  rows: number
  head: string | null
  anchor: 'head' | 'ancestor' | 'missing'
  unsealed: {batch: string; source: string; copiedAt: string; rows: number}[]
}

/** Reads all manifests, keeps them in the spool, and finds out whether they are one chain, from the first batch to the head. */
export async function readChain(archive: Opened, batches: BatchSpool, known: string | undefined, problems: Problems): Promise<Chain> {
  const chain: Chain = {sealed: 0, rows: 0, head: null, anchor: 'missing', unsealed: []}
  let previous: Manifest | undefined
  for await (const page of manifests(archive)) {
    batches.keep(page)
    for (const manifest of page) {
      chain.rows += Number(manifest.row_count) || 0
      if (isSealed(manifest)) previous = addLink(chain, manifest, {previous, known}, problems)
      else chain.unsealed.push({...whereOf(manifest), copiedAt: manifest.copied_at ?? '', rows: Number(manifest.row_count) || 0})
    }
  }
  batches.endKeeping()
  return chain
}

type Before = {previous: Manifest | undefined; known: string | undefined}

/** Returns the link that the next one is to follow. */
function addLink(chain: Chain, manifest: Manifest, {previous, known}: Before, problems: Problems): Manifest | undefined {
  const where = whereOf(manifest)
  chain.sealed += 1
  const isIntact = isManifestIntact(manifest)
  if (!isIntact) addProblem(problems, {kind: 'manifest-altered', ...where, detail: `Batch ${nameOf(manifest)} is not what its head_sha256 says.`})
  // Without a place it is told above, and its place is a gap.
  if (manifest.sequence === null) return previous
  checkPlace(manifest, previous, problems)
  if (chain.anchor === 'head') chain.anchor = 'ancestor'
  if (isIntact && manifest.head_sha256 === known) chain.anchor = 'head'
  chain.head = manifest.head_sha256
  return manifest
}

const whereOf = ({batch_id, source_database_id}: Manifest) => ({batch: batch_id ?? '', source: source_database_id ?? ''})

const nameOf = ({sequence, batch_id}: Manifest) => (sequence === null ? `${batch_id}` : `${sequence} (${batch_id})`)

function checkPlace(manifest: Manifest, previous: Manifest | undefined, problems: Problems): void {
  const where = whereOf(manifest)
  const [place, expected] = [Number(manifest.sequence), Number(previous?.sequence ?? 0) + 1]
  const before = previous ? `batch ${nameOf(previous)}` : 'no other'
  if (previous && place === expected - 1)
    addProblem(problems, {kind: 'chain-forked', ...where, detail: `Batch ${nameOf(manifest)} has the place of ${before}.`})
  else if (place !== expected)
    addProblem(problems, {kind: 'chain-gap', ...where, detail: `Batch ${nameOf(manifest)} comes after ${before}: ${expected} was expected.`})
  else if (manifest.prev_sha256 !== (previous?.head_sha256 ?? null))
    addProblem(problems, {kind: 'chain-broken', ...where, detail: `Batch ${nameOf(manifest)} does not follow ${before}.`})
}
