import type {ErrorCode} from '../errors.ts'
import type {Selection} from '../fleet/select.ts'
import type {ClassPlan} from './class-plan.ts'
import {type MigrateDependencies, prepareMigration} from './migrate.ts'
import type {Standing} from './plan.ts'
import type {Kind} from './recordings.ts'
import type {SchemaDifference} from './schema-diff.ts'

/** Databases that stand alike against the migrations of their kind. */
export type ClassStatus = {kind: Kind; databases: string[]; drift: SchemaDifference[]} & Standing

export type DatabaseStatus = ({name: string; kind: Kind; drifted: boolean} & Standing) | {name: string; reason: string; code: ErrorCode}

export type StatusResult = {classes: ClassStatus[]; databases: DatabaseStatus[]; unmarked: string[]}

/** Where each selected database stands against the migrations of its kind. Writes nothing. */
export async function migrationStatus(dependencies: MigrateDependencies, selection: Selection): Promise<StatusResult> {
  const {plans, failures, unmarked} = await prepareMigration(dependencies, {...selection, isRehearsed: false})
  const classes = plans.map(toStatus)
  const read = classes.flatMap(({databases: names, drift, ...standing}) => names.map((name) => ({name, drifted: drift.length > 0, ...standing})))
  const unread = failures.map(({database, error}) => ({name: database, reason: error.message, code: error.code}))
  return {classes, databases: [...read, ...unread].sort((a, b) => (a.name < b.name ? -1 : 1)), unmarked}
}

const toStatus = ({class: {kind, members}, standing, drift}: ClassPlan): ClassStatus => ({
  kind,
  databases: members.map(({database}) => database.name),
  ...standing,
  drift,
})
