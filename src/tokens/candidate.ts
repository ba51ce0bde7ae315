import {usingDatabase} from '../database/connect.ts'
import {inspectDatabase, requireMarker} from '../database/inspect.ts'
import type {Delivery} from '../delivery/deliver.ts'
import {requirePermissions} from '../delivery/permissions.ts'
import {StratError} from '../errors.ts'
import type {Permission, Platform, PlatformDatabase} from '../platform/platform.ts'
import type {DeliveredSecrets} from '../secrets/secret-store.ts'

/** A strategy of ours, what its bot has, and what it should have. */
export type Candidate = {database: PlatformDatabase; botUrl: string; template: string; permissions: Permission[]; present: DeliveredSecrets}

/** What it takes to find out about one. */
export type CandidateDependencies = {platform: Pick<Platform, 'connect'>; delivery: Pick<Delivery, 'store' | 'botUrlOf' | 'permissionsOf'>}

/**
 * Looks at one strategy. The database itself is only asked where nothing is recorded of a token for it.
 *
 * @throws StratError STRATEGY_NOT_OURS, STRATEGY_INCOMPLETE, STRATEGY_HAS_NO_BOT, PERMISSIONS_UNKNOWN; those of the store and the platform
 */
export async function findCandidate({platform, delivery}: CandidateDependencies, database: PlatformDatabase): Promise<Candidate> {
  const {name} = database
  const present = await delivery.store.read(name)
  const template = templateIn(present, database) ?? (await readTemplate(platform, database))
  const permissions = requirePermissions(name, template, await delivery.permissionsOf(template))
  return {database, botUrl: delivery.botUrlOf(database), template, permissions, present}
}

/** The template that a token of this very database was minted by: a strategy never changes it. */
const templateIn = ({token}: DeliveredSecrets, {id}: PlatformDatabase) => (token?.databaseId === id ? token.template : null)

async function readTemplate(platform: CandidateDependencies['platform'], database: PlatformDatabase): Promise<string> {
  const {name} = database
  const {kind, template} = await usingDatabase(await platform.connect(database), async (opened) => requireMarker(name, await inspectDatabase(opened)))
  if (kind === 'archive') throw new StratError('STRATEGY_HAS_NO_BOT', `${name} is an archive: it has no bot that needs a token.`)
  return template
}
