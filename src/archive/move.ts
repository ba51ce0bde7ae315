import type {OnProgress} from '../progress.ts'
import {type Archiving, defaultLeaseMs, type Opened} from './archiving.ts'
import type {Source} from './canonical.ts'
import {readCuts} from './cuts.ts'
import {limitOf, requireNoLimit} from './limit.ts'
import {lookAtSource} from './look.ts'
import {movePlanned, noteFull, type Run, roomOf} from './move-planned.ts'
import {type ClosedSelection, planClosed, planRest} from './pieces.ts'
import {type MayFinish, recover} from './recover.ts'
import {addSealed, type MoveResult, type SealedLink} from './result.ts'
import {scanSource} from './scan.ts'
import {blaming} from './settled.ts'
import {rowsOf, type Spool, symbolsIn, usingSpool} from './spool.ts'
import {Steps} from './steps.ts'
import {keepCopies, unsealedBatches} from './unsealed.ts'

export type MoveDependencies = {
  source: Opened
  archive: Opened
  toolVersion: string
  onProgress: OnProgress
  /** Gets every batch as it is sealed: they are sealed also where an error ends the run. */
  sealed?: SealedLink[]
  /** Aborted: the batch that is under way is finished. */
  signal?: AbortSignal | undefined
  /** How long after it is copied a batch may be deleted, in milliseconds. All runs that share an archive must have the same. */
  leaseMs?: number
  /** Where the spool is; the system's folder for temporary files unless given. */
  folder?: string
}

export type MoveInput = Source & {
  selection: ClosedSelection
  /** Moves also what is not closed, in batches that say so: the strategy is about to be destroyed. */
  everything?: boolean
  maxRows?: number | undefined
  maxSeconds?: number | undefined
  /** Copies and verifies only: the next run deletes and seals. */
  noDelete?: boolean
  /** Only finishes what earlier runs began: the other trades are about to be lost. */
  finishOnly?: boolean
  /** Only reads. */
  dryRun?: boolean
}

/**
 * Moves the closed rows of one strategy into the archive, or finishes what an earlier run began. Every row is in the source or in a
 * sealed batch of the archive, or in both while its batch is not sealed, wherever this is killed and whatever is written meanwhile.
 *
 * @throws StratError ARCHIVE_CONFLICT, ARCHIVE_RACE, and those of the databases; what was moved before is sealed
 */
export async function moveClosedTrades(dependencies: MoveDependencies, input: MoveInput): Promise<MoveResult> {
  const {toolVersion, leaseMs = defaultLeaseMs, folder} = dependencies
  const [source, archive] = [blaming(dependencies.source), blaming(dependencies.archive)]
  const steps = new Steps(() => source.requests + archive.requests)
  const from = {databaseId: input.databaseId, strategy: input.strategy}
  const archiving: Archiving = {source, archive, from, toolVersion, leaseMs, steps}
  return usingSpool(
    async (spool) => {
      const result = await moveFrom(spool, archiving, dependencies, input)
      return {...result, kept: Number(spool.prepare('SELECT count(*) AS rows FROM row').get()?.['rows'])}
    },
    folder === undefined ? {} : {folder},
  )
}

const nothing = {selected: 0, copied: 0, rows: 0, batches: 0, kept: 0, head: null, stopped: 'done' as const}

async function moveFrom(spool: Spool, archiving: Archiving, {onProgress, signal, sealed = []}: MoveDependencies, input: MoveInput): Promise<MoveResult> {
  const {from, steps} = archiving
  const limit = limitOf(signal, input.maxSeconds)
  onProgress({message: `Reading the trades of ${from.strategy}`})
  const scan = await steps.take(
    'scan',
    ({rows}) => rows,
    () => scanSource(archiving.source, spool, input.selection.instantOf, () => requireNoLimit(limit)),
  )
  const result: MoveResult = {...nothing, scanned: scan.rows, recovered: [], sealed, left: [], odd: oddOf(spool), steps: steps.figures}
  const run: Run = {spool, archiving, input, result, onProgress, limit, now: scan.now}
  await recoverOrSkip(run)
  // A batch of which it has left something unfinished must not be copied once more.
  if (result.stopped !== 'done' || input.finishOnly) return result
  const plan = async () => planClosed(spool, input.selection, {now: scan.now, archivedUntil: await readCuts(archiving, symbolsIn(spool))}, limit)
  const selected = await steps.take('select', countOf, plan)
  if (selected === undefined) return {...result, stopped: (await limit()) ?? 'interrupted'}
  result.selected = selected
  if (input.dryRun) return result
  // By now the scan may be long ago.
  run.now = (await lookAtSource(archiving, [])).now
  await movePlanned(run, {isOpen: false})
  if (!input.everything || result.stopped !== 'done') return result
  // What was left goes now, too, but for what a batch of an earlier run has.
  result.left = result.left.filter(({reason}) => reason === 'pending')
  result.selected += planRest(spool)
  await movePlanned(run, {isOpen: true})
  return result
}

/** Finishes what earlier runs have left; who does not delete only leaves it out. */
async function recoverOrSkip(run: Run): Promise<void> {
  const {spool, archiving, input, result} = run
  if (input.dryRun || input.noDelete) return leaveOutUnsealed(spool, archiving)
  const {instantOf, hasPosition = () => false} = input.selection
  const found = {spool, instantOf, hasPosition: input.everything ? () => false : hasPosition, isLast: input.finishOnly === true}
  const recovered = await archiving.steps.take('recover', countRows, () => recover(archiving, found, mayFinish(run)))
  for (const {symbols, ...batch} of recovered) {
    result.recovered.push(batch)
    if (batch.sealed) addSealed(result, batch.sealed)
    if (batch.outcome === 'pending') result.left.push(...symbols.map((symbol) => ({symbol, reason: 'pending' as const})))
  }
}

/** Ends the run, with what was finished before, where its limits are reached. */
function mayFinish(run: Run): MayFinish {
  let room = roomOf(run)
  return {
    async next() {
      run.result.stopped = (await run.limit()) ?? run.result.stopped
      return run.result.stopped === 'done'
    },
    move(rows) {
      if (rows > room) noteFull(run.result, {rows})
      else room -= rows
      return run.result.stopped === 'done'
    },
  }
}

const countOf = (rows: number | undefined) => rows ?? 0

const countRows = (recovered: {rows: number}[]) => recovered.reduce((sum, {rows}) => sum + rows, 0)

async function leaveOutUnsealed(spool: Spool, archiving: Archiving): Promise<void> {
  const batches = await unsealedBatches(archiving)
  if (batches.length === 0) return
  await keepCopies(archiving, spool, batches)
  spool.exec('DELETE FROM row WHERE id IN (SELECT id FROM copied)')
}

/** How many ids are named. */
const named = 10

function oddOf(spool: Spool): MoveResult['odd'] {
  const rows = Number(spool.prepare('SELECT count(*) AS rows FROM row WHERE odd IS NOT NULL').get()?.['rows'])
  return {rows, ids: [...rowsOf(spool, `SELECT * FROM row WHERE odd IS NOT NULL ORDER BY rowid LIMIT ${named}`)].map(({id}) => id)}
}
