import type {ErrorCode, StratError} from '../errors.ts'
import {type FleetRun, forEachDatabase, type Outcome, passOverUnmarked} from '../fleet/run.ts'
import {type Selection, selectDatabases} from '../fleet/select.ts'
import type {Platform, PlatformDatabase} from '../platform/platform.ts'
import type {OnProgress} from '../progress.ts'
import {type Candidate, type CandidateDependencies, findCandidate} from './candidate.ts'
import {type RotationPolicy, reasonToRotate} from './due.ts'
import {reasonToDoubt, revocationGuard} from './stored-state.ts'

export type PrepareDependencies = CandidateDependencies & {
  platform: Pick<Platform, 'location' | 'listDatabases' | 'connect'>
  policy: RotationPolicy
  fleet: Pick<FleetRun<unknown>, 'pace' | 'signal'>
  now: () => Date
  onProgress: OnProgress
}

/** A strategy that was looked at: `due` says why it gets a new token, and is undefined where it keeps the one that it has. */
export type Prepared = Candidate & {due: string | undefined}

export type PreparedRotation = {prepared: Prepared[]; failed: {name: string; error: StratError}[]; unmarked: string[]}

/**
 * Looks at every strategy of a selection, and decides which get a new token. For those the store is made ready. No secret is changed and
 * no token is minted, so that any conflict stops a strategy here.
 *
 * @throws StratError those of `selectDatabases`
 */
export async function prepareRotation(
  dependencies: PrepareDependencies,
  {force, dryRun, ...selection}: Selection & {force: boolean; dryRun: boolean},
): Promise<PreparedRotation> {
  const {platform, delivery, fleet, onProgress} = dependencies
  const databases = await selectDatabases(platform, selection)
  onProgress({message: 'Looking at what bots have'})
  const requireNoRevocation = revocationGuard(delivery.store, platform.location)
  const outcomes = await lookAtEach(
    databases,
    async (database): Promise<Prepared> => {
      const candidate = await findCandidate(dependencies, database)
      const due = force ? 'a new token was asked for' : await reasonFor(dependencies, candidate)
      if (due !== undefined) await delivery.store.check(database.name, {dryRun})
      else await requireNoRevocation(candidate)
      return {...candidate, due}
    },
    fleet,
  )
  const {outcomes: ours, unmarked} = passOverUnmarked(withoutArchives(outcomes, selection), selection)
  return {
    prepared: ours.flatMap((outcome) => (outcome.status === 'done' ? [outcome.result] : [])),
    failed: ours.flatMap((outcome) => (outcome.status === 'failed' ? [{name: outcome.database, error: outcome.error}] : [])),
    unmarked,
  }
}

/** What is recorded comes first; only where that is as it should be, the store is asked whether it is true. */
async function reasonFor({delivery, policy, now}: PrepareDependencies, candidate: Candidate): Promise<string | undefined> {
  return reasonToRotate(candidate.present, {...candidate, policy, now: now()}) ?? reasonToDoubt(delivery.store, candidate)
}

/** What is wrong with the store itself, and not with one strategy. */
const storeFailures: ErrorCode[] = [
  'GITHUB_APP_INVALID',
  'GITHUB_NOT_FOUND',
  'GITHUB_RATE_LIMITED',
  'GITHUB_TOKEN_REQUIRED',
  'GITHUB_UNAUTHENTICATED',
  'GITHUB_UNAVAILABLE',
]

/** Looks at one strategy first: where nobody can sign in, that is said once, and not asked for every strategy. */
export async function lookAtEach<T>(
  databases: PlatformDatabase[],
  look: (database: PlatformDatabase) => Promise<T>,
  fleet: FleetRun<T>,
): Promise<Outcome<T>[]> {
  const first = await forEachDatabase(databases.slice(0, 1), look, fleet)
  for (const outcome of first) if (outcome.status === 'failed' && storeFailures.includes(outcome.error.code)) throw outcome.error
  return [...first, ...(await forEachDatabase(databases.slice(1), look, fleet))]
}

/** A run over a fleet is not about those; one that was named is an error. */
export function withoutArchives<T>(outcomes: Outcome<T>[], {names}: Selection): Outcome<T>[] {
  return outcomes.filter((outcome) => names.length > 0 || outcome.status === 'done' || outcome.error.code !== 'STRATEGY_HAS_NO_BOT')
}
