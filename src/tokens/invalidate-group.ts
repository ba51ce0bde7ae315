import {hasCode} from '../errors.ts'
import {forEachDatabase} from '../fleet/run.ts'
import type {Platform} from '../platform/platform.ts'
import type {OnProgress} from '../progress.ts'
import type {PreparedRevocation} from './blast-radius.ts'
import {type ContainDependencies, setBlockWrites} from './contain.ts'
import {invalidate, NothingInvalidated, proveDead, requireTurn, unproven} from './invalidate.ts'
import {type Revocation, readRevocation, removeRevocation, writeRevocation} from './revocation.ts'
import {placeSentinels, proveReach, type SentinelDependencies} from './sentinels.ts'

export type InvalidateGroupDependencies = ContainDependencies &
  SentinelDependencies & {
    platform: Pick<Platform, 'configureDatabase' | 'getDatabase' | 'invalidateTokens'>
    onProgress: OnProgress
    warnings: string[]
  }

/**
 * Invalidates the tokens of a strategy, with the writes of its group blocked, and proves which died. Each step is recorded before or right
 * after it is done, so that another run goes on from anywhere. Where the platform refuses, all is as before.
 *
 * @param found what an earlier run left, which may have invalidated them or not
 * @throws StratError REVOCATION_RACE, REVOCATION_UNPROVEN, DATABASE_UNREACHABLE, and what the platform says where it refuses
 */
export async function invalidateGroup(
  dependencies: InvalidateGroupDependencies,
  prepared: PreparedRevocation,
  found: Revocation | undefined,
): Promise<Revocation> {
  const {delivery, onProgress, warnings} = dependencies
  await requireStore(dependencies, prepared)
  const rotating = begin(prepared, found, delivery.runId)
  await writeRevocation(delivery.store, rotating)
  onProgress({message: 'Blocking writes'})
  warnings.push(...(await setBlockWrites(dependencies, rotating.blocked, true)).warnings)
  try {
    return await invalidateAndProve(dependencies, prepared, rotating)
  } catch (error) {
    if (!(error instanceof NothingInvalidated)) throw error
    // What an earlier run may have invalidated must be gone on with, by whoever has the turn.
    // What hinders that as well is told by the next run.
    if (!found || hasCode(error.cause, 'REVOCATION_RACE')) await takeBack(dependencies, rotating).catch(() => undefined)
    throw error.cause
  }
}

/** Nothing dies for which there is no place to put what comes after it. */
async function requireStore({delivery, pace}: InvalidateGroupDependencies, {members}: PreparedRevocation): Promise<void> {
  const served = members.filter(({isServed}) => isServed).map(({database}) => database)
  const outcomes = await forEachDatabase(served, ({name}) => delivery.store.check(name), {pace})
  for (const outcome of outcomes) if (outcome.status === 'failed') throw outcome.error
}

/** Each run that may invalidate has an id of its own, so that of two at once each sees the other. */
function begin({target, members}: PreparedRevocation, found: Revocation | undefined, id: string): Revocation {
  const ours = members.filter(({kind, isBlocked}) => (kind === 'strategy' || kind === 'archive') && !isBlocked).map(({database}) => database.name)
  const blocked = [...new Set([...(found?.blocked ?? []), ...ours])]
  return {id, group: target.group, target: target.name, state: 'rotating', blocked, startedAt: found?.startedAt ?? new Date().toISOString()}
}

async function invalidateAndProve(dependencies: InvalidateGroupDependencies, {target, members}: PreparedRevocation, rotating: Revocation): Promise<Revocation> {
  const {delivery, onProgress, limits} = dependencies
  const databases = members.map(({database}) => database)
  const sentinels = await placeSentinels(dependencies, target, databases).catch((cause) => {
    throw new NothingInvalidated('no sentinel', {cause})
  })
  await requireTurn(dependencies, target.group, rotating.id)
  onProgress({message: `Invalidating the tokens of ${target.name}`})
  await invalidate(dependencies, target, sentinels.target)
  const rotated: Revocation = {...rotating, state: 'rotated'}
  await writeRevocation(delivery.store, rotated)
  if ((await proveDead(sentinels.target, limits)) === 'alive') {
    await writeRevocation(delivery.store, rotating)
    throw unproven(target.name, 'a token from before still opens it, although the platform invalidated them')
  }
  const {dead, unaffected} = await proveReach(dependencies, sentinels.siblings)
  const proven: Revocation = {...rotated, proof: {dead: [target.name, ...dead].sort(), unaffected}}
  await writeRevocation(delivery.store, proven)
  return proven
}

/** As if nothing had been begun. What of it fails, the next run does. */
async function takeBack(dependencies: InvalidateGroupDependencies, {id, group, blocked}: Revocation): Promise<void> {
  const {store} = dependencies.delivery
  const {left} = await setBlockWrites(dependencies, blocked, false)
  if (left.length === 0 && (await readRevocation(store, group))?.id === id) await removeRevocation(store, group)
}
