import {hasCode, StratError} from '../errors.ts'
import {forEachDatabase} from '../fleet/run.ts'
import type {Platform} from '../platform/platform.ts'
import type {OnProgress} from '../progress.ts'
import type {PreparedRevocation} from './blast-radius.ts'
import {type ContainDependencies, setBlockWrites} from './contain.ts'
import {invalidate, NothingInvalidated, proveDead, requireTurn, unproven} from './invalidate.ts'
import {readRevocation, removeRevocation, writeRevocation} from './revocation.ts'
import type {Revocation} from './revocation-record.ts'
import {placeSentinels, proveReach, type SentinelDependencies, type Sentinels} from './sentinels.ts'

export type InvalidateGroupDependencies = ContainDependencies &
  SentinelDependencies & {
    platform: Pick<Platform, 'location' | 'configureDatabase' | 'getDatabase' | 'invalidateTokens'>
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
  const {platform, delivery, onProgress, warnings} = dependencies
  await requireStore(dependencies, prepared)
  const rotating = {...begin(prepared, found, delivery.runId), location: platform.location}
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
async function requireStore({delivery, pace}: InvalidateGroupDependencies, {target, members}: PreparedRevocation): Promise<void> {
  const served = members.filter(({isServed}) => isServed).map(({database}) => database)
  const outcomes = await forEachDatabase(served, ({name}) => delivery.store.check(name, {isProven: name === target.name}), {pace})
  for (const outcome of outcomes) if (outcome.status === 'failed') throw outcome.error
}

/** Each run that may invalidate has an id of its own, so that of two at once each sees the other. */
function begin({target, members}: PreparedRevocation, found: Revocation | undefined, id: string): Revocation {
  const ours = members.filter(({kind, isBlocked}) => (kind === 'strategy' || kind === 'archive') && !isBlocked).map(({database}) => database.name)
  const blocked = [...new Set([...(found?.blocked ?? []), ...ours])]
  return {id, group: target.group, target: target.name, state: 'rotating', blocked, startedAt: found?.startedAt ?? new Date().toISOString()}
}

async function invalidateAndProve(dependencies: InvalidateGroupDependencies, {target, members}: PreparedRevocation, rotating: Revocation): Promise<Revocation> {
  const {onProgress} = dependencies
  const databases = members.map(({database}) => database)
  const sentinels = await placeSentinels(dependencies, target, databases).catch((cause) => {
    throw new NothingInvalidated('no sentinel', {cause})
  })
  await requireTurn(dependencies, target.group, rotating.id)
  onProgress({message: `Invalidating the tokens of ${target.name}`})
  await invalidate(dependencies, target, sentinels.target)
  return prove(dependencies, {...rotating, state: 'rotated'}, sentinels).catch((error) => {
    throw error instanceof StratError && error.code !== 'REVOCATION_UNPROVEN' ? brokenOff(target.name, error) : error
  })
}

/** The tokens are dead, and no bot has another one yet. */
const brokenOff = (name: string, cause: StratError) =>
  new StratError(cause.code, `The tokens of ${name} are invalid, its bots have no others yet, and writes are blocked; then this went wrong: ${cause.message}`, {
    suggestions: [`strat rotate ${name} --revoke goes on: run it again as soon as possible.`, ...cause.suggestions],
    cause,
  })

async function prove(dependencies: InvalidateGroupDependencies, rotated: Revocation, sentinels: Sentinels): Promise<Revocation> {
  const {delivery, limits} = dependencies
  const {target} = rotated
  await writeRevocation(delivery.store, rotated)
  if ((await proveDead(sentinels.target, limits)) === 'alive') {
    await writeRevocation(delivery.store, {...rotated, state: 'rotating'})
    throw unproven(target, 'a token from before still opens it, although the platform invalidated them')
  }
  const {dead, unaffected} = await proveReach(dependencies, sentinels.siblings)
  const proven: Revocation = {...rotated, proof: {dead: [target, ...dead].sort(), unaffected}}
  await writeRevocation(delivery.store, proven)
  return proven
}

/** As if nothing had been begun. What of it fails, the next run does. */
async function takeBack(dependencies: InvalidateGroupDependencies, {id, group, blocked}: Revocation): Promise<void> {
  const {store} = dependencies.delivery
  const {left} = await setBlockWrites(dependencies, blocked, false)
  if (left.length === 0 && (await readRevocation(store, group))?.id === id) await removeRevocation(store, group)
}
