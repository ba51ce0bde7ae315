import type {Delivery} from '../delivery/deliver.ts'
import type {ErrorCode} from '../errors.ts'
import type {Pace} from '../fleet/pace.ts'
import {forEachDatabase, type Outcome} from '../fleet/run.ts'
import type {Platform} from '../platform/platform.ts'
import type {OnProgress} from '../progress.ts'
import {findUnfinished, type GroupMember, type PreparedRevocation} from './blast-radius.ts'
import {setBlockWrites} from './contain.ts'
import {invalidateGroup} from './invalidate-group.ts'
import type {ProbeLimits} from './probe.ts'
import {republish} from './republish.ts'
import {readRevocation, removeRevocation, writeRevocation} from './revocation.ts'
import type {Revocation} from './revocation-record.ts'

export type RevokedStrategy =
  /** `place`: where the new token is. */
  {name: string; status: 'rotated'; expiresAt: string; place: string} | {name: string; status: 'failed'; expiresAt: null; reason: string; code: ErrorCode}

export type RevokeResult = {
  /** The id of the run that invalidated the tokens. */
  revocation: string
  group: string
  target: string
  strategies: RevokedStrategy[]
  /** The databases whose earlier tokens are proven to be dead, and to be alive; of the others nobody can tell. */
  dead: string[]
  unaffected: string[]
  /** Databases of the group that are not ours: who made them must mint new tokens where theirs are dead. */
  unmarked: string[]
  warnings: string[]
  /** Whether this ended an earlier revocation, and invalidated nothing itself. */
  resumed: boolean
  /** Whether there is nothing left to do for another run. */
  finished: boolean
}

export type RevokeDependencies = {
  platform: Pick<Platform, 'location' | 'connect' | 'configureDatabase' | 'getDatabase' | 'invalidateTokens'>
  delivery: Delivery
  pace: Pace
  onProgress: OnProgress
  limits?: ProbeLimits
}

type Steps = RevokeDependencies & {limits: ProbeLimits; warnings: string[]}

const defaultLimits: ProbeLimits = {settleMs: 5000, outageMs: 60_000, pollMs: 250}

/**
 * Makes every token of a strategy useless that was minted before, with those of its group where the platform cannot tell them apart, and
 * gives each bot of the group a new one. How far it is stands in the secret store: after an interruption anywhere the same call goes on,
 * and invalidates nothing any more once bots may have new tokens. Strategies that fail do not stop the others, and are left for the next call.
 *
 * @throws StratError REVOCATION_RACE, REVOCATION_UNFINISHED, REVOCATION_UNPROVEN, and what the platform says where it refuses
 */
export async function revoke(dependencies: RevokeDependencies, prepared: PreparedRevocation): Promise<RevokeResult> {
  const steps: Steps = {...dependencies, limits: dependencies.limits ?? defaultLimits, warnings: []}
  const {target, members} = prepared
  const found = await findUnfinished(
    dependencies.delivery,
    dependencies.platform.location,
    target,
    members.map(({database}) => database),
  )
  // Those of a strategy that is gone may have reached nothing of this one; and where every bot has a token from later on, it has long ended.
  const isResumed = found?.state === 'rotated' && found.target === target.name && (await isOutstanding(steps, members, found))
  if (isResumed) steps.warnings.push(resumedWarning(found))
  const revocation = isResumed ? found : await invalidateGroup(steps, prepared, found)
  steps.onProgress({message: 'Giving the bots new tokens'})
  const outcomes = await republishAll(steps, members, revocation, isResumed)
  const finished = await end(steps, revocation, outcomes)
  return {...toResult(steps, revocation, members, outcomes), resumed: isResumed, finished}
}

/** So long after it began, a revocation is gone on with by whoever runs it again: what came between may be its own work. */
const freshMs = 3600_000

/** Whether there is something left to do of a revocation: always at first, later on where a bot is still without a token that was issued since. */
async function isOutstanding({delivery: {store}}: Steps, members: GroupMember[], {startedAt}: Revocation): Promise<boolean> {
  if (Date.now() - Date.parse(startedAt) < freshMs) return true
  for (const {database, isServed} of members) {
    const {token} = isServed ? await store.read(database.name) : {token: null}
    // Tokens tell when they were issued in whole seconds.
    const isNew = token?.databaseId === database.id && token.issuedAt.getTime() + 1000 > Date.parse(startedAt)
    if (isServed && !isNew) return true
  }
  return false
}

const resumedWarning = ({startedAt}: Revocation) =>
  `This ended the revocation that began at ${startedAt.slice(0, 16).replace('T', ' ')} UTC: what was issued since then was not revoked. If a token was seen by somebody after that, revoke once more.`

async function republishAll(steps: Steps, members: GroupMember[], {id}: Revocation, isResumed: boolean): Promise<Outcome<Date>[]> {
  const {store} = steps.delivery
  const served = members.filter(({isServed}) => isServed).map(({database}) => database)
  return forEachDatabase(
    served,
    async (database) => {
      const {token} = isResumed ? await store.read(database.name) : {token: null}
      // What was recorded then, was proven to work then.
      return token?.runId === id && token.databaseId === database.id ? token.expiresAt : republish(steps, database, id)
    },
    {pace: steps.pace},
  )
}

/** Lets the databases be written to again that this revocation blocked, and only then, and only if all is done, takes its record away. */
async function end(steps: Steps, revocation: Revocation, outcomes: Outcome<Date>[]): Promise<boolean> {
  const {store} = steps.delivery
  const {left, warnings} = await setBlockWrites(steps, revocation.blocked, false)
  steps.warnings.push(...warnings)
  const isDone = left.length === 0 && outcomes.every(({status}) => status === 'done')
  // Another run may have begun meanwhile: that record is its own.
  if ((await readRevocation(store, revocation.group))?.id !== revocation.id) return isDone
  if (isDone) await removeRevocation(store, revocation.group)
  else await writeRevocation(store, {...revocation, blocked: left})
  return isDone
}

function toResult(
  {warnings, delivery: {store}}: Steps,
  {id, group, target, proof}: Revocation,
  members: GroupMember[],
  outcomes: Outcome<Date>[],
): Omit<RevokeResult, 'finished' | 'resumed'> {
  const strategies = outcomes.map(
    (outcome): RevokedStrategy =>
      outcome.status === 'done'
        ? {name: outcome.database, status: 'rotated', expiresAt: outcome.result.toISOString(), place: store.placesOf(outcome.database)[0]?.scope ?? ''}
        : {name: outcome.database, status: 'failed', expiresAt: null, reason: outcome.error.message, code: outcome.error.code},
  )
  const unmarked = members.filter(({kind}) => kind === 'unmarked').map(({database}) => database.name)
  if (!proof) warnings.push('The run that invalidated the tokens ended before it could prove which are dead.')
  return {revocation: id, group, target, strategies, dead: proof?.dead ?? [], unaffected: proof?.unaffected ?? [], unmarked, warnings}
}
