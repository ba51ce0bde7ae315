import type {Trial} from '../database/try-statements.ts'
import type {Delivery} from '../delivery/deliver.ts'
import {StratError} from '../errors.ts'
import type {Platform, PlatformDatabase} from '../platform/platform.ts'
import {type ProbeLimits, probeUntil} from './probe.ts'
import {readRevocation} from './revocation.ts'

export type InvalidateDependencies = {platform: Pick<Platform, 'invalidateTokens'>; delivery: Pick<Delivery, 'store'>; limits: ProbeLimits}

/** How often the platform is asked whose replies are lost, while the tokens are proven to be alive. */
const maxAttempts = 3

/** The platform refused, for certain: no token died. */
export class NothingInvalidated extends Error {}

/**
 * Has the tokens of a database invalidated. A lost reply is no reason to ask again: the sentinel tells what became of it.
 *
 * @throws NothingInvalidated, with the reason as its cause; StratError REVOCATION_UNPROVEN where nobody can tell
 */
export async function invalidate({platform, limits}: InvalidateDependencies, target: PlatformDatabase, sentinel: Trial): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await platform.invalidateTokens(target).catch((cause) => {
      throw attempt === 1 ? new NothingInvalidated('refused', {cause}) : cause
    })
    if (outcome === 'invalidated') return
    // It may still be carried out by somebody who is late.
    const result = await probeUntil('refused', sentinel, limits)
    if (result === 'refused') return
    if (result === 'unreachable' || attempt === maxAttempts) throw unproven(target.name, 'the platform did not say whether it invalidated the tokens')
  }
}

/**
 * Makes sure that the tokens of a database are dead.
 *
 * @throws StratError REVOCATION_UNPROVEN
 */
export async function proveDead(sentinel: Trial, limits: ProbeLimits): Promise<'dead' | 'alive'> {
  const result = await probeUntil('refused', sentinel, {...limits, settleMs: limits.outageMs})
  if (result === 'unreachable') throw unproven(sentinel.name, 'its host has not answered since its tokens were invalidated')
  return result === 'refused' ? 'dead' : 'alive'
}

/**
 * Makes sure, right before the invalidation, that no other run has taken the revocation over.
 *
 * @throws NothingInvalidated
 */
export async function requireTurn({delivery}: Pick<InvalidateDependencies, 'delivery'>, group: string, id: string): Promise<void> {
  const current = await readRevocation(delivery.store, group)
  if (current?.id === id) return
  throw new NothingInvalidated('not our turn', {
    cause: new StratError('REVOCATION_RACE', `Another run revokes the tokens of the group ${group} at this moment, and goes on with it.`, {
      suggestions: ['Wait for its end; if it did not end well, run the same command again.'],
    }),
  })
}

/** Nobody can tell what became of the tokens. */
export const unproven = (name: string, reason: string) =>
  new StratError('REVOCATION_UNPROVEN', `The tokens of ${name} may still be alive: ${reason}.`, {
    suggestions: ['Run the same command again: it goes on where this one stopped.'],
  })
