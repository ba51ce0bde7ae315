import {usingDatabase} from '../database/connect.ts'
import type {DatabaseState} from '../database/inspect.ts'
import type {StratError} from '../errors.ts'
import type {FailureBudget} from '../fleet/failure-budget.ts'
import {isProtected, marketOpen} from '../fleet/guards.ts'
import {isMarketOpen, type Market} from '../fleet/market.ts'
import type {Outcome} from '../fleet/run.ts'
import {runWaves} from '../fleet/run-waves.ts'
import type {Selection} from '../fleet/select.ts'
import {whileItExists} from '../fleet/while-it-exists.ts'
import type {PlatformDatabase} from '../platform/platform.ts'
import {serially} from '../serially.ts'
import type {ClassPlan} from './class-plan.ts'
import {type Danger, dangerOf} from './danger.ts'
import type {Member} from './database-class.ts'
import type {Run} from './ledger.ts'
import {migrateDatabase, type Work} from './migrate-database.ts'
import type {PreparedFleet} from './prepare.ts'
import type {ForkRehearsals} from './rehearse-on-forks.ts'
import {isFailure, type MigratedDatabase, type MigrateResult, toMigrated} from './result.ts'
import {summarize} from './summarize.ts'
import type {SurveyDependencies} from './survey.ts'

export type ChangeDependencies = SurveyDependencies & {
  run: Run
  market: Market
  now: () => Date
  /** Rehearses it on copies first, where that is asked for. */
  rehearseOnForks?: ((prepared: PreparedFleet) => Promise<ForkRehearsals>) | undefined
  /** Asks whether it may be done; throws where it may not. */
  confirm: (danger: Danger) => Promise<void>
  /** Hears of each database's outcome as it comes. */
  onDatabase: (database: MigratedDatabase) => void
}

export type ChangeInput = Pick<Selection, 'shard'> & {
  /** Which databases go together, in this order: patterns in which `*` stands for anything. */
  waves: string[]
  /** How many may fail before no further wave begins. */
  maxFailures: FailureBudget
  /** Whether protected databases are changed also while the market is open, or their positions. */
  force: boolean
}

/** One database of the run: with its class's plan, or with the error that it could not be read by. */
type Target = {name: string; error: StratError} | {name: string; database: PlatformDatabase; latestTimestamp: number; plan: ClassPlan}

type Change = {applied: string[]; requests: number}

/**
 * Does to each database of a prepared fleet what is planned for it, wave after wave, where `confirm` does not object.
 *
 * @throws StratError that of `confirm`: then no database is touched
 */
export async function changeFleet(dependencies: ChangeDependencies, prepared: PreparedFleet, input: ChangeInput): Promise<MigrateResult> {
  const {run, fleet, market, now, rehearseOnForks, confirm, onDatabase, onProgress} = dependencies
  const {plans, unmarked} = prepared
  const rehearsed = fleet.signal?.aborted ? undefined : await rehearseOnForks?.(prepared)
  // Decided once: what is not confirmed because the market is open is not changed either when it closes meanwhile.
  const held = input.force ? new Map<string, StratError>() : heldNow(plans, market, now())
  if (!fleet.signal?.aborted) await confirm(dangerOf(plans, ({name}) => !held.has(name)))
  const targets = targetsOf(prepared)
  const change = changer(dependencies, prepared, input, held)
  const counts = {done: 0, failed: 0}
  const onOutcome = (outcome: Outcome<Change>) => {
    counts.done += 1
    if (outcome.status === 'failed' && isFailure(outcome.error)) {
      counts.failed += 1
      onProgress({failure: `${outcome.database}: ${outcome.error.message}`})
    }
    onProgress({message: 'Migrating', ...counts, total: targets.length})
    onDatabase(toMigrated(outcome))
  }
  const outcomes = await runWaves(targets, change, {...fleet, onOutcome, patterns: input.waves, budget: input.maxFailures, isFailure})
  const results = outcomes.map(toMigrated).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return {
    run: run.id,
    kindRuns: new Set(plans.map((plan) => plan.class.kind)).size,
    shard: input.shard ?? null,
    databases: results,
    unmarked,
    drift: plans.filter(({drift}) => drift.length > 0).map((plan) => ({databases: namesOf(plan), differences: plan.drift})),
    rehearsals: rehearsed?.rehearsals ?? [],
    warnings: rehearsed?.warnings ?? [],
    interrupted: fleet.signal?.aborted ?? false,
    summary: summarize(results),
  }
}

const namesOf = (plan: ClassPlan) => plan.class.members.map(({database}) => database.name)

function targetsOf({failures, plans}: PreparedFleet): Target[] {
  const toTarget = (plan: ClassPlan, {database, latestTimestamp}: Member): Target => ({name: database.name, database, latestTimestamp, plan})
  return [
    ...failures.map(({database, error}) => ({name: database, error})),
    ...plans.flatMap((plan) => plan.class.members.map((member) => toTarget(plan, member))),
  ].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The databases that must not be changed now, with the reasons. */
function heldNow(plans: ClassPlan[], market: Market, now: Date): Map<string, StratError> {
  const names = plans.flatMap((plan) => plan.class.members.map(({database}) => database.name))
  const isOpen = isMarketOpen(market, now)
  return new Map(names.filter((name) => isOpen && isProtected(name)).map((name) => [name, marketOpen(market)]))
}

/** What is done to one database: nothing where nothing is to be done, or something stands in the way. */
function changer(
  {platform, run, fleet, market, now}: ChangeDependencies,
  {classes, planClass}: PreparedFleet,
  {force}: ChangeInput,
  held: Map<string, StratError>,
) {
  const oneAtATime = serially()
  const toWork = (name: string, {recordings, isUndo}: ClassPlan): Work => ({
    recordings,
    isUndo,
    refusesOpenPositions: isProtected(name) && !force && recordings.some(({safeWithOpenPositions}) => !safeWithOpenPositions),
  })
  return async (target: Target): Promise<Change> => {
    if ('error' in target) throw target.error
    const {name, database, latestTimestamp, plan} = target
    if (plan.obstacle) throw plan.obstacle
    if (plan.recordings.length === 0) return {applied: plan.isUndo ? [] : plan.class.byRun, requests: 1}
    const guard = held.get(name) ?? (isProtected(name) && !force && isMarketOpen(market, now()) ? marketOpen(market) : undefined)
    if (guard) throw guard
    const surveyed = {...plan.class.state, latestTimestamp}
    const workFor = async (state: DatabaseState): Promise<Work> => {
      if (state === surveyed) return toWork(name, plan)
      // Somebody else has changed it meanwhile: what is to be done now is planned, and rehearsed, anew.
      const planned = await planClass(classes.of(name, state))
      if (planned.obstacle) throw planned.obstacle
      return toWork(name, planned)
    }
    const migrate = async () =>
      usingDatabase(
        await platform.connect(database),
        async (opened) => {
          const {applied} = await migrateDatabase(opened, {run, state: surveyed, workFor})
          return {applied, requests: 1 + opened.requests}
        },
        {onRateLimit: (ms) => fleet.pace.refused(ms)},
      )
    const change = () => whileItExists(platform, database, migrate)
    return plan.recordings.some(({mode}) => mode === 'interactive') ? oneAtATime('interactive', change) : change()
  }
}
