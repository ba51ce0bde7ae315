import {usingDatabase} from '../database/connect.ts'
import type {DatabaseState} from '../database/inspect.ts'
import type {StratError} from '../errors.ts'
import {isProtected, marketOpen} from '../fleet/guards.ts'
import {isMarketOpen, type Market} from '../fleet/market.ts'
import {cancelled, type FleetRun} from '../fleet/run.ts'
import {whileItExists} from '../fleet/while-it-exists.ts'
import type {Platform} from '../platform/platform.ts'
import {serially} from '../serially.ts'
import type {ClassPlan} from './class-plan.ts'
import type {Member} from './database-class.ts'
import type {Run} from './ledger.ts'
import {migrateDatabase, type Work} from './migrate-database.ts'
import type {PreparedFleet} from './prepare.ts'

export type ChangeDatabaseDependencies = {
  platform: Pick<Platform, 'connect' | 'getDatabase'>
  run: Run
  fleet: Pick<FleetRun<unknown>, 'pace' | 'signal'>
  market: Market
  now: () => Date
}

export type Guards = {
  /** Whether protected databases are changed also while the market is open, or their positions. */
  force: boolean
  /** Those that were held back from the beginning, with the reason. */
  held: Map<string, StratError>
}

/** One database, and what is planned for its class. */
export type PlannedDatabase = {plan: ClassPlan} & Member

/** What was done to a database, and how many requests it took, with those that it was read by. */
export type Change = {applied: string[]; requests: number}

/** What is done to one database after the other: nothing where nothing is to be done; it throws what stands in the way. */
export function databaseChanger(dependencies: ChangeDatabaseDependencies, prepared: Pick<PreparedFleet, 'classes' | 'planClass'>, guards: Guards) {
  const oneAtATime = serially()
  return async (planned: PlannedDatabase): Promise<Change> => {
    const {plan, database} = planned
    if (plan.obstacle) throw plan.obstacle
    if (plan.recordings.length === 0) return {applied: plan.isUndo ? [] : plan.class.byRun, requests: planned.requests}
    guardMarket(database.name, dependencies, guards)
    const change = () => whileItExists(dependencies.platform, database, () => changeDatabase(dependencies, prepared, guards, planned))
    if (plan.recordings.every(({mode}) => mode === 'atomic')) return change()
    // Ctrl-C may come while it waits for those before it.
    return oneAtATime('interactive', () => (dependencies.fleet.signal?.aborted ? cancelled() : change()))
  }
}

function guardMarket(name: string, {market, now}: ChangeDatabaseDependencies, {force, held}: Guards): void {
  const guard = held.get(name)
  if (guard) throw guard
  if (!force && isProtected(name) && isMarketOpen(market, now())) throw marketOpen(market)
}

async function changeDatabase(
  {platform, run, fleet}: ChangeDatabaseDependencies,
  {classes, planClass}: Pick<PreparedFleet, 'classes' | 'planClass'>,
  {force}: Guards,
  {plan, database, latestTimestamp, marker, requests}: PlannedDatabase,
): Promise<Change> {
  const surveyed = {...plan.class.state, latestTimestamp, marker}
  const workFor = async (state: DatabaseState): Promise<Work> => {
    // Where somebody else has changed it meanwhile, what is to be done now is planned, and rehearsed, anew.
    const {obstacle, recordings, isUndo} = state === surveyed ? plan : await planClass(classes.of(database.name, state))
    if (obstacle) throw obstacle
    const isSafe = force || !isProtected(database.name) || recordings.every(({safeWithOpenPositions}) => safeWithOpenPositions)
    return {recordings, isUndo, refusesOpenPositions: !isSafe}
  }
  return usingDatabase(
    await platform.connect(database),
    async (opened) => {
      const {applied} = await migrateDatabase(opened, {run, state: surveyed, workFor})
      return {applied, requests: requests + opened.requests}
    },
    {onRateLimit: (ms) => fleet.pace.refused(ms)},
  )
}
