import {usingDatabase} from '../database/connect.ts'
import {inspectDatabase, requireOwnMarker} from '../database/inspect.ts'
import {type Delivery, knownUrlOf} from '../delivery/deliver.ts'
import {mintSecrets, recordOf} from '../delivery/mint.ts'
import {requirePermissions} from '../delivery/permissions.ts'
import {StratError} from '../errors.ts'
import type {Platform, PlatformDatabase} from '../platform/platform.ts'
import {type ProbeLimits, type ProbeResult, probeToken, probeUntil} from './probe.ts'
import {trialOf} from './try-token.ts'

export type RepublishDependencies = {platform: Pick<Platform, 'connect'>; delivery: Delivery; limits: ProbeLimits}

/** How often a token is minted that another invalidation, at the same time, kills again. */
const maxAttempts = 3

/**
 * Gives a strategy's bot a new token after an invalidation, through the downtime that this brings, and returns when it expires. What is
 * recorded of it names `revocation`, and only a token that still opens the database when the bot can have it is recorded.
 *
 * @throws StratError DATABASE_TOKEN_REFUSED, DATABASE_UNREACHABLE, PERMISSIONS_UNKNOWN, STRATEGY_NOT_OURS, those of the store
 */
export async function republish({platform, delivery, limits}: RepublishDependencies, database: PlatformDatabase, revocation: string): Promise<Date> {
  const {store, lifetimeSeconds} = delivery
  const {name, id: databaseId} = database
  const {template} = await usingDatabase(await platform.connect(database), async (opened) => requireOwnMarker(name, await inspectDatabase(opened)))
  const permissions = requirePermissions(name, template, await delivery.permissionsOf(template))
  const knownUrl = knownUrlOf(await store.read(name), database)
  for (let attempt = 1; ; attempt++) {
    const {secrets, expiresAt} = await mintSecrets(delivery, database, {lifetimeSeconds, permissions})
    const trial = trialOf(name, secrets)
    let result = await probeUntil('accepted', trial, limits)
    if (result === 'accepted') {
      await store.write(name, secrets, {knownUrl})
      result = await probeToken(trial)
    }
    if (result === 'accepted') {
      await store.record(name, await recordOf(secrets, {databaseId, template, permissions, runId: revocation}))
      return expiresAt
    }
    if (result === 'unreachable' || attempt === maxAttempts) throw unusable(name, result)
  }
}

const unusable = (name: string, result: ProbeResult) =>
  result === 'refused'
    ? new StratError('DATABASE_TOKEN_REFUSED', `${name} does not accept the new token that was minted for its bot.`, {
        suggestions: ['Run the same command again; if that does not help, somebody may be invalidating tokens.'],
      })
    : new StratError('DATABASE_UNREACHABLE', `The host of ${name} does not answer, so nobody can tell whether the new token of its bot works.`, {
        suggestions: ['Run the same command again: it goes on where this one stopped.'],
      })
