import {usingDatabase} from '../database/connect.ts'
import {inspectDatabase, requireMarker} from '../database/inspect.ts'
import type {Delivery} from '../delivery/deliver.ts'
import {mintSecrets} from '../delivery/mint.ts'
import {StratError} from '../errors.ts'
import type {Permission, Platform} from '../platform/platform.ts'
import type {BotSecrets} from '../secrets/secret-store.ts'
import {findStrategy} from './find.ts'

/** What opens a strategy's database until `expiresAt`. A secret. */
export type StrategyEnvironment = BotSecrets & {expiresAt: string}

export type EnvDependencies = Pick<Delivery, 'permissionsOf' | 'botUrlOf'> & {
  platform: Pick<Platform, 'listDatabases' | 'getDatabase' | 'connect' | 'createDatabaseToken'>
}

/**
 * Mints a token for one strategy or archive: with its template's permissions, or one that reads everything in it and writes nothing.
 *
 * @throws StratError STRATEGY_NOT_FOUND, STRATEGY_NOT_OURS, STRATEGY_INCOMPLETE, PERMISSIONS_UNKNOWN
 */
export async function mintEnvironment(
  {platform, permissionsOf, botUrlOf}: EnvDependencies,
  {name, lifetimeSeconds, readOnly}: {name: string; lifetimeSeconds: number; readOnly: boolean},
): Promise<StrategyEnvironment> {
  const database = await findStrategy(platform, name)
  const {template} = await usingDatabase(await platform.connect(database), async (opened) => requireMarker(name, await inspectDatabase(opened)))
  const request = readOnly ? {readOnly} : {permissions: requirePermissions(name, template, await permissionsOf(template))}
  const {secrets, expiresAt} = await mintSecrets({platform, botUrlOf}, database, {lifetimeSeconds, ...request})
  return {...secrets, expiresAt: expiresAt.toISOString()}
}

/** An empty list would be a token that may do everything, on some servers. */
function requirePermissions(name: string, template: string, permissions: Permission[]): Permission[] {
  if (permissions.length > 0) return permissions
  throw new StratError('PERMISSIONS_UNKNOWN', `The template ${template} of ${name} is gone or allows nothing, so no token can be made for its bot.`, {
    suggestions: ['Bring the template back: strat.config.ts names the folder.', `strat env ${name} --read-only`],
  })
}
