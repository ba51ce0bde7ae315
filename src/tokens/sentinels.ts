import type {Trial} from '../database/try-statements.ts'
import type {Delivery} from '../delivery/deliver.ts'
import {mintSecrets} from '../delivery/mint.ts'
import {StratError} from '../errors.ts'
import type {Pace} from '../fleet/pace.ts'
import {forEachDatabase} from '../fleet/run.ts'
import type {PlatformDatabase} from '../platform/platform.ts'
import {type ProbeLimits, probeUntil} from './probe.ts'
import {trialOf} from './try-token.ts'

/** Tokens that only read and are only in memory, one a database: what becomes of them at an invalidation becomes of all that there were. */
export type Sentinels = {target: Trial; siblings: Trial[]}

export type SentinelDependencies = {delivery: Delivery; pace: Pace; limits: ProbeLimits}

const lifetimeSeconds = 3600

/**
 * Mints a sentinel for each database of a group and makes sure that it is accepted. A sibling whose is not gets none.
 *
 * @throws StratError where the target's is not accepted: nobody could tell whether its tokens are dead
 */
export async function placeSentinels(
  {delivery, pace, limits}: SentinelDependencies,
  target: PlatformDatabase,
  members: PlatformDatabase[],
): Promise<Sentinels> {
  const place = async (database: PlatformDatabase): Promise<Trial> => {
    const {secrets} = await mintSecrets(delivery, database, {lifetimeSeconds, readOnly: true})
    const sentinel = trialOf(database.name, secrets)
    if ((await probeUntil('accepted', sentinel, {...limits, outageMs: limits.settleMs})) === 'accepted') return sentinel
    throw notAccepted(sentinel)
  }
  const own = await place(target)
  const siblings = members.filter(({name}) => name !== target.name)
  const outcomes = await forEachDatabase(siblings, place, {pace})
  return {target: own, siblings: outcomes.flatMap((outcome) => (outcome.status === 'done' ? [outcome.result] : []))}
}

/** Which of the siblings' tokens died with the target's, and which are still good: a group's invalidation reaches all of them at about the same time. */
export async function proveReach({pace, limits}: SentinelDependencies, siblings: Trial[]): Promise<{dead: string[]; unaffected: string[]}> {
  const outcomes = await forEachDatabase(siblings, (sibling) => probeUntil('refused', sibling, limits), {pace})
  const withResult = (wanted: string) => outcomes.flatMap((outcome) => (outcome.status === 'done' && outcome.result === wanted ? [outcome.database] : []))
  return {dead: withResult('refused'), unaffected: withResult('accepted')}
}

const notAccepted = ({name, url}: Trial) =>
  new StratError(
    'DATABASE_UNREACHABLE',
    `${name} does not take a token that was minted for it, at ${url}; so nobody could tell later whether its tokens are dead.`,
    {
      suggestions: ['strat dev, in another terminal, serves a local directory.', 'Check the network, then run the same command again.'],
    },
  )
