import type {ErrorCode} from '../errors.ts'
import type {ClassPlan} from './class-plan.ts'
import {type PlannedMigration, plannedMigrations} from './planned-migration.ts'
import type {PreparedFleet} from './prepare.ts'
import type {Kind} from './recordings.ts'
import {isFailure} from './result.ts'
import type {SchemaDifference} from './schema-diff.ts'

/** What would be done to the databases of one class. */
export type PlannedClass = {
  kind: Kind
  databases: string[]
  executed: string[]
  /** In the order of their execution; the `down`s of those that would be undone. */
  migrations: PlannedMigration[]
  /** Why they would be left alone; `failed` where that counts as a failure. */
  obstacle: {reason: string; code: ErrorCode; suggestions: string[]; status: 'skipped' | 'failed'} | null
  drift: SchemaDifference[]
  /** The first migration that could not be rehearsed, because it needs rows and a database in memory has none. */
  unrehearsed: string | null
}

export type PlanResult = {
  classes: PlannedClass[]
  /** Databases that could not be read. */
  failed: {name: string; reason: string; code: ErrorCode}[]
  unmarked: string[]
}

/** What would be done to a fleet, class by class. */
export const describePlan = ({plans, failures, unmarked}: PreparedFleet): PlanResult => ({
  classes: plans.map(toPlannedClass),
  failed: failures.map(({database, error}) => ({name: database, reason: error.message, code: error.code})),
  unmarked,
})

/** Whether some databases would fail. */
export const wouldFail = ({classes, failed}: PlanResult): boolean => failed.length > 0 || classes.some(({obstacle}) => obstacle?.status === 'failed')

function toPlannedClass(plan: ClassPlan): PlannedClass {
  const {class: databases, standing, drift, obstacle, rehearsal} = plan
  return {
    kind: databases.kind,
    databases: databases.members.map(({database}) => database.name),
    executed: standing.executed,
    migrations: plannedMigrations(plan),
    obstacle: obstacle
      ? {reason: obstacle.message, code: obstacle.code, suggestions: obstacle.suggestions, status: isFailure(obstacle) ? 'failed' : 'skipped'}
      : null,
    drift,
    unrehearsed: rehearsal?.unrehearsed ?? null,
  }
}
