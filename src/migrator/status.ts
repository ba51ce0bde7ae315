import type {ErrorCode} from '../errors.ts'
import {type Selection, selectDatabases} from '../fleet/select.ts'
import type {Platform} from '../platform/platform.ts'
import {type ClassPlan, planPending} from './class-plan.ts'
import type {Standing} from './plan.ts'
import {checkMigrations, type Kind, type RecordingsOf} from './recordings.ts'
import type {SchemaDifference} from './schema-diff.ts'
import {type SurveyDependencies, surveyFleet} from './survey.ts'

/** Databases that stand alike against the migrations of their kind. */
export type ClassStatus = {kind: Kind; databases: string[]; drift: SchemaDifference[]} & Standing

export type DatabaseStatus = ({name: string; kind: Kind; drifted: boolean} & Standing) | {name: string; reason: string; code: ErrorCode}

export type StatusResult = {classes: ClassStatus[]; databases: DatabaseStatus[]; unmarked: string[]}

export type StatusDependencies = SurveyDependencies & {platform: Pick<Platform, 'listDatabases' | 'connect'>; recordingsOf: RecordingsOf}

/** Where each selected database stands against the migrations of its kind. Writes nothing. */
export async function migrationStatus(dependencies: StatusDependencies, selection: Selection): Promise<StatusResult> {
  const {platform, recordingsOf} = dependencies
  const databases = await selectDatabases(platform, selection)
  await checkMigrations(recordingsOf)
  const survey = await surveyFleet(dependencies, databases, selection)
  const plans = await Promise.all(survey.classes.all().map(planPending(recordingsOf, {isRehearsed: false})))
  const classes = plans.map(toStatus)
  const read = classes.flatMap(({databases: names, drift, ...standing}) => names.map((name) => ({name, drifted: drift.length > 0, ...standing})))
  const unread = survey.failures.map(({database, error}) => ({name: database, reason: error.message, code: error.code}))
  return {classes, databases: [...read, ...unread].sort((a, b) => (a.name < b.name ? -1 : 1)), unmarked: survey.unmarked}
}

const toStatus = ({class: {kind, members}, standing, drift}: ClassPlan): ClassStatus => ({
  kind,
  databases: members.map(({database}) => database.name),
  ...standing,
  drift,
})
