import {usingDatabase} from '../database/connect.ts'
import {inspectDatabase, requireMarker} from '../database/inspect.ts'
import type {Delivery} from '../delivery/deliver.ts'
import {mintSecrets} from '../delivery/mint.ts'
import {requirePermissions} from '../delivery/permissions.ts'
import type {Platform} from '../platform/platform.ts'
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
