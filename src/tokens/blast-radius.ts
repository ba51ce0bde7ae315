import {usingDatabase} from '../database/connect.ts'
import {inspectDatabase, requireOwnMarker} from '../database/inspect.ts'
import type {Marker} from '../database/marker.ts'
import {readMarker} from '../database/marker.ts'
import {type Delivery, isOfAnother} from '../delivery/deliver.ts'
import {requirePermissions} from '../delivery/permissions.ts'
import {StratError} from '../errors.ts'
import type {Pace} from '../fleet/pace.ts'
import {forEachDatabase} from '../fleet/run.ts'
import {strategyNotFound} from '../fleet/select.ts'
import type {Platform, PlatformDatabase} from '../platform/platform.ts'
import {readRevocation} from './revocation.ts'
import type {Revocation} from './revocation-record.ts'

/** A database of the group whose tokens are about to be invalidated. `unreadable`: nobody can tell now whose it is. */
export type GroupMember = {
  database: PlatformDatabase
  kind: Marker['kind'] | 'unmarked' | 'unreadable'
  /** Whether its bot gets a new token: its secrets are in the store, or belong there. */
  isServed: boolean
  /** Whether its writes are blocked already. */
  isBlocked: boolean
}

/** All that a revocation reaches. */
export type PreparedRevocation = {
  target: PlatformDatabase
  members: GroupMember[]
  /** An earlier run that did not end, and from which this one goes on. */
  unfinished: Revocation | undefined
}

export type PrepareDependencies = {
  platform: Pick<Platform, 'location' | 'listDatabases' | 'connect' | 'readConfiguration'>
  delivery: Pick<Delivery, 'store' | 'botUrlOf' | 'permissionsOf'>
  pace: Pace
}

/**
 * Looks at every database of a strategy's group, whose tokens die with the strategy's own, and makes sure that each of their bots can get a
 * new one. Changes nothing.
 *
 * @throws StratError STRATEGY_NOT_FOUND, STRATEGY_NOT_OURS, STRATEGY_INCOMPLETE, PERMISSIONS_UNKNOWN, REVOCATION_UNFINISHED, those of the store
 */
export async function prepareRevocation(dependencies: PrepareDependencies, {name}: {name: string}): Promise<PreparedRevocation> {
  const {platform, delivery, pace} = dependencies
  const databases = await platform.listDatabases()
  const target = databases.find((database) => database.name === name)
  if (!target) {
    throw strategyNotFound(
      name,
      databases.map((database) => database.name),
    )
  }
  const group = databases.filter((database) => database.group === target.group)
  const outcomes = await forEachDatabase(group, (database) => inspectMember(dependencies, database, database === target), {pace})
  const members = outcomes.map((outcome) => {
    if (outcome.status === 'failed') throw outcome.error
    return outcome.result
  })
  return {target, members, unfinished: await findUnfinished(delivery, platform.location, target, group)}
}

/**
 * The revocation that this one goes on with.
 *
 * @throws StratError REVOCATION_UNFINISHED where another strategy's is to be ended first: which tokens it reached, only it can tell
 */
export async function findUnfinished(
  {store}: Pick<Delivery, 'store'>,
  location: string,
  {name, group}: PlatformDatabase,
  members: Pick<PlatformDatabase, 'name'>[],
): Promise<Revocation | undefined> {
  const found = await readRevocation(store, group)
  if (found?.location !== undefined && found.location !== location) {
    throw new StratError(
      'REVOCATION_UNFINISHED',
      `A revocation of the group ${group} of ${found.location} did not end, and its record is in the same secret store.`,
      {
        suggestions: [`Go on with it there first: strat rotate ${found.target} --revoke.`],
      },
    )
  }
  if (!found || found.target === name || !members.some((member) => member.name === found.target)) return found
  throw new StratError('REVOCATION_UNFINISHED', `The revocation of ${found.target}, which is in the same group, did not end.`, {
    suggestions: [`strat rotate ${found.target} --revoke goes on with it.`],
  })
}

async function inspectMember({platform, delivery}: PrepareDependencies, database: PlatformDatabase, isTarget: boolean): Promise<GroupMember> {
  const {name} = database
  const found = await findMarker(platform, database, isTarget)
  const {blockWrites: isBlocked} = await platform.readConfiguration(name)
  const kind = found === undefined ? 'unmarked' : found === 'unreadable' ? found : found.kind
  const isServed = kind !== 'unmarked' && ((isTarget && kind === 'strategy') || (await hasSecrets(delivery, database)))
  if (isServed) await delivery.store.check(name, {dryRun: true})
  if (isServed && typeof found === 'object') requirePermissions(name, found.template, await delivery.permissionsOf(found.template))
  return {database, kind, isServed, isBlocked}
}

async function findMarker(
  platform: PrepareDependencies['platform'],
  database: PlatformDatabase,
  isTarget: boolean,
): Promise<Marker | undefined | 'unreadable'> {
  const {name} = database
  try {
    const connection = await platform.connect(database)
    if (isTarget) return await usingDatabase(connection, async (opened) => requireOwnMarker(name, await inspectDatabase(opened)))
    const marker = await usingDatabase(connection, readMarker)
    return marker?.strategy === name ? marker : undefined
  } catch (error) {
    if (isTarget) throw error
    return 'unreadable'
  }
}

/** Whether there are any of this database, and not of another one by the same name. */
async function hasSecrets({store, botUrlOf}: PrepareDependencies['delivery'], database: PlatformDatabase): Promise<boolean> {
  const [present, list] = await Promise.all([store.read(database.name), store.list(database.name)])
  return list.length > 0 && !isOfAnother(present, database, botUrlOf(database))
}
