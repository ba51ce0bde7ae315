import type {ErrorCode} from '../errors.ts'
import {type Selection, selectDatabases} from '../fleet/select.ts'
import type {Platform} from '../platform/platform.ts'
import {type ClassPlan, type PlanOptions, planPending} from './class-plan.ts'
import {type PlannedMigration, plannedMigrations} from './planned-migration.ts'
import {checkMigrations, type Kind, type RecordingsOf} from './recordings.ts'
import {isFailure} from './result.ts'
import type {SchemaDifference} from './schema-diff.ts'
import {type SurveyDependencies, surveyFleet} from './survey.ts'

/** What a run would do to the databases of one class. */
export type PlannedClass = {
  kind: Kind
  databases: string[]
  executed: string[]
  migrations: PlannedMigration[]
  /** Why a run would leave them alone; `failed` where it counts as a failure. */
  obstacle: {reason: string; code: ErrorCode; suggestions: string[]; status: 'skipped' | 'failed'} | null
  drift: SchemaDifference[]
  /** The first migration that could not be rehearsed, because it reads and a database in memory has no rows. */
  unrehearsed: string | null
}

export type PlanResult = {
  classes: PlannedClass[]
  /** Databases that could not be read. */
  failed: {name: string; reason: string; code: ErrorCode}[]
  unmarked: string[]
}

export type PlanDependencies = SurveyDependencies & {platform: Pick<Platform, 'listDatabases' | 'connect'>; recordingsOf: RecordingsOf}

export type PlanInput = Selection & Omit<PlanOptions, 'isRehearsed'>

/**
 * What `migrateFleet` would do now, class by class, rehearsed in memory. Writes nothing.
 *
 * @throws StratError as `migrateFleet`
 */
export async function planFleet(dependencies: PlanDependencies, input: PlanInput): Promise<PlanResult> {
  const {platform, recordingsOf} = dependencies
  const databases = await selectDatabases(platform, input)
  await checkMigrations(recordingsOf, input.to)
  const survey = await surveyFleet(dependencies, databases, input)
  const plans = await Promise.all(survey.classes.all().map(planPending(recordingsOf, {...input, isRehearsed: true})))
  return {
    classes: plans.map(toPlannedClass),
    failed: survey.failures.map(({database, error}) => ({name: database, reason: error.message, code: error.code})),
    unmarked: survey.unmarked,
  }
}

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
