import {ownSchema, type SchemaObject} from '../database/inspect.ts'
import {StratError} from '../errors.ts'
import type {DatabaseClass} from './database-class.ts'
import type {Recording} from './migration.ts'
import {planMigrations, type Standing, standingOf} from './plan.ts'
import type {Kind, RecordingsOf} from './recordings.ts'
import {type Rehearsal, rehearse} from './rehearse.ts'
import {diffSchemas, type SchemaDifference} from './schema-diff.ts'
import {schemasAfterEach} from './schemas.ts'

/** What is to be done to each database of a class. */
export type ClassPlan = {
  class: DatabaseClass
  standing: Standing
  /** How the schema differs from the one that the ledger says. */
  drift: SchemaDifference[]
  /** What is executed, in this order; empty where there is nothing to do, or an obstacle. */
  recordings: Recording[]
  isUndo: boolean
  /** Why the databases are left alone. */
  obstacle: StratError | undefined
  /** What the execution in memory showed; undefined where nothing is executed. */
  rehearsal: Rehearsal | undefined
}

/**
 * Plans a class, and rehearses the plan; each once.
 *
 * @throws StratError REHEARSAL_FAILED
 */
export type PlanClass = (databases: DatabaseClass) => Promise<ClassPlan>

export type PlanOptions = {
  isRehearsed: boolean
  /** The last migration to apply. Default: all. */
  to?: string | undefined
  allowDrift?: boolean
}

/** The planner of the migrations that classes lack. */
export function planPending(recordingsOf: RecordingsOf, {isRehearsed, to, allowDrift = false}: PlanOptions): PlanClass {
  const driftOf = driftFinder(recordingsOf)
  return once(async (databases) => {
    const recordings = await recordingsOf(databases.kind)
    const standing = standingOf(recordings, databases.state)
    const drift = await driftOf(databases)
    const planned = attempt(() => {
      const pending = planMigrations(recordings, databases.state, {to})
      refuseToGoBack(standing, recordings, to)
      if (!allowDrift) refuseDrift(drift)
      return pending
    })
    const plan = {class: databases, standing, drift, isUndo: false, ...planned}
    return isRehearsed ? withRehearsal(plan, rehearse) : {...plan, rehearsal: undefined}
  })
}

type Unrehearsed = Omit<ClassPlan, 'rehearsal'>

/**
 * Rehearses a plan, where there is something to execute; a class that nobody can rehearse is left alone.
 *
 * @throws StratError REHEARSAL_FAILED
 */
export async function withRehearsal(plan: Unrehearsed, rehearsePlan: (plan: Unrehearsed) => Promise<Rehearsal>): Promise<ClassPlan> {
  if (plan.recordings.length === 0) return {...plan, rehearsal: undefined}
  try {
    return {...plan, rehearsal: await rehearsePlan(plan)}
  } catch (error) {
    if (!(error instanceof StratError) || error.code !== 'SCHEMA_UNUSABLE') throw error
    return {...plan, recordings: [], obstacle: error, rehearsal: undefined}
  }
}

/** Plans the same class once. */
export function once(plan: PlanClass): PlanClass {
  const plans = new Map<DatabaseClass, Promise<ClassPlan>>()
  return (databases) => {
    const known = plans.get(databases) ?? plan(databases)
    plans.set(databases, known)
    return known
  }
}

/** What is executed, or the obstacle that was thrown. */
export function attempt(find: () => Recording[]): Pick<ClassPlan, 'recordings' | 'obstacle'> {
  try {
    return {recordings: find(), obstacle: undefined}
  } catch (error) {
    if (error instanceof StratError) return {recordings: [], obstacle: error}
    throw error
  }
}

/** Finds out how a class differs from what its ledger says: not at all where nobody can tell. */
export function driftFinder(recordingsOf: RecordingsOf): (databases: DatabaseClass) => Promise<SchemaDifference[]> {
  const schemas = new Map<Kind, Promise<SchemaObject[][]>>()
  return async ({kind, state}) => {
    const recordings = await recordingsOf(kind)
    const made = schemas.get(kind) ?? schemasAfterEach(recordings)
    schemas.set(kind, made)
    const {pending, missing, outOfOrder} = standingOf(recordings, state)
    if (missing.length > 0 || outOfOrder.length > 0) return []
    const executed = recordings.length - pending.length
    const expected = executed === 0 ? [] : (await made)[executed - 1]
    return expected ? diffSchemas(expected, ownSchema(state)) : []
  }
}

function refuseToGoBack({executed}: Standing, recordings: Recording[], to: string | undefined): void {
  const names = recordings.map(({name}) => name)
  const later = to === undefined ? [] : names.slice(names.indexOf(to) + 1).filter((name) => executed.includes(name))
  if (later.length === 0) return
  throw new StratError('MIGRATION_BEHIND', `${to} is behind what is executed already: ${later.join(', ')}.`, {
    suggestions: ['strat migrate undo --run ID takes back what a run applied.'],
  })
}

function whatDiffers({type, name, expected, actual}: SchemaDifference): string {
  return `${type} ${name} ${actual === undefined ? 'is missing' : expected === undefined ? 'is not known' : 'is another one'}`
}

/** Leaves alone what somebody changed by hand: nobody knows what a migration does to it. */
export function refuseDrift(drift: SchemaDifference[]): void {
  if (drift.length === 0) return
  throw new StratError('SCHEMA_DRIFTED', `The schema is not what the ledger says: ${drift.map(whatDiffers).join(', ')}.`, {
    suggestions: ['strat migrate status shows the difference.', 'Take the change back, or put it into a migration.', '--allow-drift migrates it as it is.'],
  })
}
