import {usingDatabase} from '../database/connect.ts'
import {Pace} from '../fleet/pace.ts'
import {forEachDatabase, type Outcome, passOverUnmarked} from '../fleet/run.ts'
import {type Selection, selectDatabases} from '../fleet/select.ts'
import {whileItExists} from '../fleet/while-it-exists.ts'
import type {Platform, PlatformDatabase} from '../platform/platform.ts'
import {archivePermissions} from './access.ts'
import {archiveStrategy, type StrategyDependencies, type StrategyInput} from './archive-strategy.ts'
import {type FindArchive, findArchive, firstArchive} from './find-archive.ts'
import {type ArchivedStrategy, type ArchiveResult, summarizeArchiving, toFailed} from './fleet-result.ts'
import {readHead} from './head.ts'
import {Limits} from './limits.ts'
import {requireHead} from './require-head.ts'
import type {SealedLink} from './result.ts'
import {goneAfterMs, type SealedGone, sealGone, toLeft} from './seal-gone.ts'
import {blaming} from './settled.ts'

export type ArchiveDependencies = Omit<StrategyDependencies, 'openArchive' | 'pace'> &
  FindArchive & {
    platform: Pick<Platform, 'listDatabases' | 'getDatabase'>
    /** Makes an archive of this name, or finishes one that is half made. */
    createArchive: (name: string) => Promise<PlatformDatabase>
    run: string
  }

/** `head`: a head of the archive's chain that was kept elsewhere, without which nothing is moved. */
export type ArchiveInput = Selection & Omit<StrategyInput, 'everything'> & {into?: string | undefined; head?: string | undefined}

/** More at once would have the chain's head move under each other's feet. */
const width = 4

/**
 * Archives the closed trades of each strategy of a selection; one that fails does not stop the others. `maxRows` and `maxSeconds` are for all.
 *
 * @throws StratError those of `selectDatabases`, `findArchive` and `requireHead`
 */
export async function archiveFleet(dependencies: ArchiveDependencies, input: ArchiveInput): Promise<ArchiveResult> {
  const {platform, run, signal} = dependencies
  const selected = await selectDatabases(platform, input)
  const databases = input.names.length > 0 ? selected : selected.filter(({name}) => !dependencies.isArchiveName(name))
  const readOnly = input.dryRun === true
  const found = await findArchive(dependencies, {into: input.into, readOnly})
  if (input.head !== undefined) await requireHead(dependencies.access, found, input.head)
  const archive = {current: found}
  const sealed = new Map(databases.map(({name}): [string, SealedLink[]] => [name, []]))
  const outcomes = await archiveEach(dependencies, databases, input, {archive, sealed})
  const {outcomes: ours, unmarked} = passOverUnmarked(withoutArchives(outcomes, input), input)
  const seals = !readOnly && !input.noDelete && !signal?.aborted
  const gone: SealedGone = archive.current && seals ? await sealRest(dependencies, archive.current) : {sealed: [], failed: []}
  const strategies = ours.map((outcome) =>
    outcome.status === 'done' ? outcome.result : toFailed(outcome.database, outcome.error, sealed.get(outcome.database)),
  )
  return {
    run,
    archive: archive.current?.name ?? null,
    head: archive.current ? await readHeadOf(dependencies, archive.current, readOnly).catch(lastSealed(strategies)) : null,
    strategies,
    ...(gone.sealed.length > 0 && {gone: gone.sealed}),
    ...(gone.failed.length > 0 && {goneFailed: gone.failed}),
    unmarked,
    interrupted: signal?.aborted === true,
    summary: summarizeArchiving(strategies, gone.failed),
  }
}

/** The archive, as soon as there is one, and by strategy what was sealed of it. */
type Growing = {archive: {current: PlatformDatabase | undefined}; sealed: Map<string, SealedLink[]>}

async function archiveEach(dependencies: ArchiveDependencies, databases: PlatformDatabase[], input: ArchiveInput, {archive, sealed}: Growing) {
  const {platform, createArchive, signal, onProgress} = dependencies
  // One after the other, where what one takes is what the others have left.
  const pace = new Pace(input.maxRows === undefined ? {start: width, most: width} : {start: 1, most: 1})
  const limits = new Limits(input)
  let making: Promise<PlatformDatabase> | undefined
  const openArchive = async () => {
    if (archive.current || input.dryRun) return archive.current
    making ??= createArchive(input.into ?? firstArchive)
    archive.current = await making
    return archive.current
  }
  const isAlone = databases.length === 1
  const shared = {...dependencies, openArchive, pace, onProgress: isAlone ? onProgress : () => undefined}
  let [done, failed] = [0, 0]
  return forEachDatabase(
    databases,
    (database) =>
      whileItExists(platform, database, () =>
        limits.taking(sealed.get(database.name), (left, batches) => archiveStrategy({...shared, sealed: batches}, database, {...input, ...left})),
      ),
    {
      pace,
      signal,
      onOutcome: (outcome) => {
        done += 1
        if (outcome.status === 'failed' && !isPassedOver(outcome, input) && toFailed(outcome.database, outcome.error).status === 'failed') {
          failed += 1
          onProgress({failure: `${outcome.database}: ${outcome.error.message}`})
        }
        if (!isAlone) onProgress({message: 'Archiving', done, total: databases.length, failed})
      },
    },
  )
}

const isPassedOver = (outcome: Outcome<unknown>, {names}: Selection) =>
  names.length === 0 && outcome.status === 'failed' && (outcome.error.code === 'KIND_WRONG' || outcome.error.code === 'STRATEGY_NOT_OURS')

/** A run over a fleet is not about those; one that was named is an error. */
const withoutArchives = <T>(outcomes: Outcome<T>[], {names}: Selection) =>
  outcomes.filter((outcome) => names.length > 0 || outcome.status === 'done' || outcome.error.code !== 'KIND_WRONG')

/** Where the head cannot be read any more: one that this run has made, if there is one, so that what it moved is told of. */
const lastSealed = (strategies: ArchivedStrategy[]) => (error: unknown) => strategies.flatMap(({batches}) => batches).at(-1)?.head ?? Promise.reject(error)

/** All that was done before is told of, whatever fails here. */
const sealRest = async ({platform, access, toolVersion}: ArchiveDependencies, archive: PlatformDatabase): Promise<SealedGone> => {
  try {
    return await usingDatabase(await access(archive, archivePermissions, {readOnly: false}), (opened) =>
      sealGone({archive: blaming(opened), toolVersion, goneAfterMs, listDatabases: () => platform.listDatabases()}),
    )
  } catch (error) {
    return {sealed: [], failed: [toLeft(archive.name, error)]}
  }
}

const readHeadOf = async ({access}: ArchiveDependencies, archive: PlatformDatabase, readOnly: boolean): Promise<string | null> =>
  usingDatabase(await access(archive, archivePermissions, {readOnly}), readHead)
