import type {Database} from '../database/database.ts'
import {StratError} from '../errors.ts'
import type {OnProgress} from '../progress.ts'
import type {Opened} from './archiving.ts'
import {batchSpool} from './batch-spool.ts'
import {type Chain, readChain} from './chain.ts'
import {addProblem, type Problem, type ProblemKind, type Problems} from './problems.ts'
import {blaming} from './settled.ts'
import {type Spool, usingSpool} from './spool.ts'
import {verifyRows} from './verify-rows.ts'

/** What an archive was found to be. The archive is as it was sealed if `problems` is empty. */
export type VerifyResult = {
  archive: string
  /** How many batches are sealed. */
  batches: number
  rows: number
  /** The head of the chain; null where nothing is sealed. */
  head: string | null
  /** Where the head is that was given; null: none was. */
  anchor: Chain['anchor'] | null
  /** The first 300, and how many there are of each kind. */
  problems: Problem[]
  counts: Partial<Record<ProblemKind, number>>
  /** Batches that a run has begun and not finished: the next one does. No fault of the archive. */
  unsealed: Chain['unsealed']
}

/**
 * Computes every hash of an archive again, and its chain from the first batch. What is sealed meanwhile is not looked at.
 *
 * @param head a head of the chain that was kept elsewhere: without it, nobody can tell that the last batches were cut off, or all of it written anew
 * @throws StratError USAGE where `head` is no hash, and those of the database
 */
export async function verifyArchive(
  dependencies: {archive: Database; onProgress: OnProgress},
  {head}: {head?: string | undefined} = {},
): Promise<VerifyResult> {
  const known = head === undefined ? undefined : toHash(head)
  const archive = blaming(dependencies.archive)
  const problems: Problems = {list: [], counts: {}}
  const {chain, rows} = await usingSpool((spool) => verifyAll(spool, {archive, onProgress: dependencies.onProgress}, known, problems))
  if (known !== undefined && chain.anchor === 'missing')
    addProblem(problems, {kind: 'head-missing', detail: `No batch has the head ${known}: batches that were sealed are gone, or were sealed anew.`})
  return {
    archive: archive.name,
    batches: chain.sealed,
    rows,
    head: chain.head,
    anchor: known === undefined ? null : chain.anchor,
    problems: problems.list,
    counts: problems.counts,
    unsealed: chain.unsealed,
  }
}

async function verifyAll(spool: Spool, {archive, onProgress}: {archive: Opened; onProgress: OnProgress}, known: string | undefined, problems: Problems) {
  const batches = batchSpool(spool)
  const chain = await readChain(archive, batches, known, problems)
  let done = 0
  const rows = await verifyRows(archive, batches, problems, (page) => {
    done += page.rows
    const failed = Object.values(problems.counts).reduce((sum, count) => sum + count, 0)
    onProgress({message: `Verifying ${archive.name}`, done, total: Math.max(done, chain.rows), failed})
  })
  return {chain, rows}
}

/** A head of the chain as a person gave it. */
export function toHash(text: string): string {
  const hash = text.trim().toLowerCase()
  if (/^[0-9a-f]{64}$/.test(hash)) return hash
  throw new StratError('USAGE', `--head takes a head of the chain, 64 hexadecimal digits, not "${text.slice(0, 100)}".`, {
    suggestions: ['strat archive prints it after each run.'],
  })
}
