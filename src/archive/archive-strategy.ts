import {usingDatabase} from '../database/connect.ts'
import type {Market} from '../fleet/market.ts'
import type {Pace} from '../fleet/pace.ts'
import type {PlatformDatabase} from '../platform/platform.ts'
import type {OnProgress} from '../progress.ts'
import {type Access, archivePermissions, sourcePermissions} from './access.ts'
import type {Opened} from './archiving.ts'
import {closedSelection} from './closed-selection.ts'
import {type ArchiveFigures, type KeptRows, keptRowsOf, type LateRows, lateRowsOf, type StrategyArchived} from './fleet-result.ts'
import {type MoveInput, moveClosedTrades} from './move.ts'
import {readSource} from './read-source.ts'
import type {MoveResult, SealedLink} from './result.ts'

export type StrategyDependencies = {
  access: Access
  /** The archive, which is made by this where there is none; undefined where nothing may be made. */
  openArchive: () => Promise<PlatformDatabase | undefined>
  market: Market
  toolVersion: string
  pace?: Pick<Pace, 'refused'> | undefined
  signal?: AbortSignal | undefined
  /** As for `moveClosedTrades`. */
  sealed?: SealedLink[]
  onProgress: OnProgress
}

export type StrategyInput = Pick<MoveInput, 'everything' | 'finishOnly' | 'maxRows' | 'maxSeconds' | 'noDelete' | 'dryRun'> & {lenient: boolean}

type Counted = Opened & {rows: {read: number; written: number} | null}

/**
 * Archives the closed trades of one strategy, or with `everything` all of them.
 *
 * @throws StratError those of `readSource`, of `moveClosedTrades` and of the platform
 */
export async function archiveStrategy(dependencies: StrategyDependencies, database: PlatformDatabase, input: StrategyInput): Promise<StrategyArchived> {
  const {access, pace} = dependencies
  const readOnly = input.dryRun === true
  const options = {onRateLimit: (retryAfterMs: number) => pace?.refused(retryAfterMs)}
  return usingDatabase(
    await access(database, sourcePermissions, {readOnly}),
    async (source) => {
      const {positions} = await readSource(source)
      const archive = await dependencies.openArchive()
      const move = (opened: Counted) => moveAndReport(dependencies, {source, archive: opened, database, positions, ...input})
      return archive ? usingDatabase(await access(archive, archivePermissions, {readOnly}), move, options) : move(noArchive)
    },
    options,
  )
}

/** What an archive that is still to be made would answer. */
const noArchive: Counted = {
  name: 'the archive',
  requests: 0,
  rows: {read: 0, written: 0},
  read: async () => [],
  write: () => Promise.reject(new TypeError('There is no archive to write to')),
}

type Moving = StrategyInput & Awaited<ReturnType<typeof readSource>> & {source: Counted; archive: Counted; database: PlatformDatabase}

async function moveAndReport(dependencies: StrategyDependencies, moving: Moving): Promise<StrategyArchived> {
  const {market, toolVersion, signal, sealed = [], onProgress} = dependencies
  const {source, archive, database, positions, lenient, ...input} = moving
  const keptReasons: KeptRows[] = []
  const late: LateRows[] = []
  const selection = closedSelection({market, positions, lenient}, (result) => {
    keptReasons.push(...keptRowsOf(result))
    late.push(...lateRowsOf(result))
  })
  const result = await moveClosedTrades(
    {source, archive, toolVersion, signal, sealed, onProgress},
    {databaseId: database.id, strategy: database.name, selection, ...input},
  )
  const counts = source.rows && archive.rows
  const figures: ArchiveFigures = {
    moved: movedRows(result),
    ready: input.dryRun ? result.selected : input.noDelete ? result.copied : 0,
    kept: result.kept - (input.dryRun ? result.selected : 0),
    stuck: keptReasons.reduce((sum, {stuck, rows}) => sum + (stuck ? rows : 0), 0),
    batches: result.sealed,
    stopped: result.stopped,
    ...(result.tooMany !== undefined && {tooMany: result.tooMany}),
    keptReasons,
    late,
    left: result.left,
    odd: result.odd,
    pending: result.left.some(({reason}) => reason === 'pending') || result.recovered.some(({outcome}) => outcome === 'pending'),
    rowsRead: counts && (source.rows?.read ?? 0) + (archive.rows?.read ?? 0),
    rowsWritten: counts && (source.rows?.written ?? 0) + (archive.rows?.written ?? 0),
    steps: result.steps,
  }
  return {name: database.name, status: statusOf(figures, input), ...figures}
}

/** Also those that an earlier run had copied, and this one deleted or sealed. */
const movedRows = ({rows, recovered}: MoveResult) => rows + recovered.reduce((sum, {sealed}) => sum + (sealed?.rows ?? 0), 0)

function statusOf({moved, ready}: ArchiveFigures, {dryRun}: Pick<StrategyInput, 'dryRun'>) {
  if (moved > 0) return 'archived'
  if (ready === 0) return 'current'
  return dryRun ? 'due' : 'copied'
}
