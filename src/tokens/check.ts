import {type FleetRun, passOverUnmarked} from '../fleet/run.ts'
import {type Selection, selectDatabases} from '../fleet/select.ts'
import type {Platform} from '../platform/platform.ts'
import type {OnProgress} from '../progress.ts'
import {timeSpan} from '../time-span.ts'
import {type Candidate, type CandidateDependencies, findCandidate} from './candidate.ts'
import {reasonBesidesAge} from './due.ts'
import {lookAtEach, withoutArchives} from './prepare-rotation.ts'
import {byName, type RotatedStrategy, type RotateResult, summarizeRotation, toFailed} from './result.ts'
import {reasonToDoubt, revocationGuard} from './stored-state.ts'

export type CheckDependencies = CandidateDependencies & {
  platform: Pick<Platform, 'location' | 'listDatabases' | 'connect'>
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
  const requireNoRevocation = revocationGuard(delivery.store, platform.location)
  const outcomes = await lookAtEach(
    databases,
    async (database) => {
      const candidate = await findCandidate(dependencies, database)
      await requireNoRevocation(candidate)
      return {candidate, reason: reasonToWorry(candidate, withinSeconds, now()) ?? (await reasonToDoubt(delivery.store, candidate))}
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
function reasonToWorry(candidate: Candidate, withinSeconds: number, now: Date): string | undefined {
  const {token} = candidate.present
  if (!token) return 'nothing is known of a token'
  const leftSeconds = (token.expiresAt.getTime() - now.getTime()) / 1000
  if (leftSeconds <= 0) return 'its token has expired'
  if (token.issuedAt.getTime() > now.getTime() + 86_400_000) return 'its token is from the future: a clock is wrong'
  return leftSeconds <= withinSeconds ? `its token expires in ${timeSpan(leftSeconds)}` : reasonBesidesAge(candidate.present, candidate)
}
