import type {StratError} from '../errors.ts'
import type {FailureBudget} from '../fleet/failure-budget.ts'
import {isProtected, marketOpen} from '../fleet/guards.ts'
import {isMarketOpen, type Market} from '../fleet/market.ts'
import type {Outcome} from '../fleet/run.ts'
import {runWaves} from '../fleet/run-waves.ts'
import type {Selection} from '../fleet/select.ts'
import type {OnProgress} from '../progress.ts'
import {type Change, type ChangeDatabaseDependencies, databaseChanger, type PlannedDatabase} from './change-database.ts'
import type {ClassPlan} from './class-plan.ts'
import {type Danger, dangerOf} from './danger.ts'
import type {Member} from './database-class.ts'
import type {PreparedFleet} from './prepare.ts'
import type {ForkRehearsals} from './rehearse-on-forks.ts'
import {isFailure, type MigratedDatabase, type MigrateResult, toMigrated} from './result.ts'
import {summarize} from './summarize.ts'

export type ChangeDependencies = ChangeDatabaseDependencies & {
  onProgress: OnProgress
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
type Target = {name: string; error: StratError} | ({name: string} & PlannedDatabase)

/**
 * Does to each database of a prepared fleet what is planned for it, wave after wave, where `confirm` does not object.
 *
 * @throws StratError that of `confirm`: then no database is touched
 */
export async function changeFleet(dependencies: ChangeDependencies, prepared: PreparedFleet, input: ChangeInput): Promise<MigrateResult> {
  const {run, fleet, market, now, rehearseOnForks, confirm} = dependencies
  const {plans, unmarked} = prepared
  const rehearsed = fleet.signal?.aborted ? undefined : await rehearseOnForks?.(prepared)
  // Decided once: what is not confirmed because the market is open is not changed either when it closes meanwhile.
  const held = input.force ? new Map<string, StratError>() : heldNow(plans, market, now())
  if (!fleet.signal?.aborted) await confirm(dangerOf(plans, ({name}) => !held.has(name)))
  const targets = targetsOf(prepared)
  const change = databaseChanger(dependencies, prepared, {force: input.force, held})
  const outcomes = await runWaves(targets, async (target) => ('error' in target ? Promise.reject(target.error) : change(target)), {
    ...fleet,
    onOutcome: teller(dependencies, targets.length),
    patterns: input.waves,
    budget: input.maxFailures,
    isFailure,
  })
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

/** Tells of each outcome as it comes. */
function teller({onProgress, onDatabase}: Pick<ChangeDependencies, 'onProgress' | 'onDatabase'>, total: number) {
  const counts = {done: 0, failed: 0}
  return (outcome: Outcome<Change>) => {
    counts.done += 1
    if (outcome.status === 'failed' && isFailure(outcome.error)) {
      counts.failed += 1
      onProgress({failure: `${outcome.database}: ${outcome.error.message}`})
    }
    onProgress({message: 'Migrating', ...counts, total})
    onDatabase(toMigrated(outcome))
  }
}

const namesOf = (plan: ClassPlan) => plan.class.members.map(({database}) => database.name)

function targetsOf({failures, plans}: PreparedFleet): Target[] {
  const toTarget = (plan: ClassPlan, member: Member): Target => ({name: member.database.name, plan, ...member})
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
