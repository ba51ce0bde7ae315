import type {FleetRun} from '../fleet/run.ts'
import {forEachDatabase, passOverUnmarked} from '../fleet/run.ts'
import {type Selection, selectDatabases} from '../fleet/select.ts'
import type {Platform} from '../platform/platform.ts'
import type {OnProgress} from '../progress.ts'
import {timeSpan} from '../time-span.ts'
import {type Candidate, type CandidateDependencies, findCandidate} from './candidate.ts'
import {withoutArchives} from './prepare-rotation.ts'
import {byName, type RotatedStrategy, type RotateResult, summarizeRotation, toFailed} from './result.ts'

export type CheckDependencies = CandidateDependencies & {
  platform: Pick<Platform, 'listDatabases' | 'connect'>
  fleet: Pick<FleetRun<unknown>, 'pace' | 'signal'>
  now: () => Date
  onProgress: OnProgress
  runId: string
}

/**
 * Tells of each strategy whether its bot has a token that is accepted for long enough: `expiring` where there is none, or where it
 * expires within `withinSeconds`. Changes nothing.
 *
 * @throws StratError those of `selectDatabases`
 */
export async function checkTokens(dependencies: CheckDependencies, {withinSeconds, ...selection}: Selection & {withinSeconds: number}): Promise<RotateResult> {
  const {platform, delivery, fleet, now, onProgress, runId} = dependencies
  const databases = await selectDatabases(platform, selection)
  onProgress({message: 'Looking at what bots have'})
  const outcomes = await forEachDatabase(
    databases,
    async (database) => {
      const candidate = await findCandidate(dependencies, database)
      const there = await delivery.store.list(database.name)
      const isComplete = there.length === delivery.store.placesOf(database.name).length
      return {candidate, reason: reasonToWorry(candidate, withinSeconds, now()) ?? (isComplete ? undefined : 'its secrets are not all there')}
    },
    fleet,
  )
  const {outcomes: ours, unmarked} = passOverUnmarked(withoutArchives(outcomes, selection), selection)
  const strategies = ours
    .map((outcome): RotatedStrategy => {
      const name = outcome.database
      if (outcome.status === 'failed') return toFailed(name, outcome.error, null)
      const {candidate, reason} = outcome.result
      const expiresAt = candidate.present.token?.expiresAt.toISOString() ?? null
      return reason === undefined && expiresAt !== null ? {name, status: 'fresh', expiresAt} : {name, status: 'expiring', expiresAt, reason: reason ?? ''}
    })
    .sort(byName)
  const warnings = ours.flatMap((outcome) => (outcome.status === 'done' ? outcome.result.candidate.present.warnings : []))
  const interrupted = fleet.signal?.aborted === true
  return {run: runId, strategies, unmarked, unfinishedRuns: [], warnings: [...new Set(warnings)], interrupted, summary: summarizeRotation(strategies)}
}

/** Why a bot may soon stand outside; undefined where it does not. */
function reasonToWorry({present: {token}, database}: Candidate, withinSeconds: number, now: Date): string | undefined {
  if (!token) return 'nothing is known of a token'
  if (token.databaseId !== null && token.databaseId !== database.id) return 'its token is for a database that was destroyed'
  const leftSeconds = (token.expiresAt.getTime() - now.getTime()) / 1000
  if (leftSeconds <= 0) return 'its token has expired'
  return leftSeconds <= withinSeconds ? `its token expires in ${timeSpan(leftSeconds)}` : undefined
}
