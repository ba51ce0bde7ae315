import type {Database, Statement} from '../database/database.ts'
import {type DatabaseState, inspectDatabase} from '../database/inspect.ts'
import {StratError} from '../errors.ts'
import {applyMigrations} from './apply.ts'
import type {Run} from './ledger.ts'
import type {Recording} from './migration.ts'
import {planMigrations} from './plan.ts'

export type MigrateDatabaseInput = {
  run: Run
  /** All migrations of a database that stands like this, in order; throws where the database must not be migrated. */
  recordingsFor(state: DatabaseState): Promise<Recording[]>
  /** The last migration to apply. Default: all. */
  to?: string | undefined
  /** What else becomes true together with the last migration. */
  completion?: (state: DatabaseState) => Statement[]
  /** What is known of the database already; saves the first request. */
  state?: DatabaseState | undefined
}

/** What this run did to the database: the migrations that it applied, and whether it was the one that made `completion` true. */
export type MigratedBy = {applied: string[]; completed: boolean}

/** How often a database is read again after somebody else was faster or a reply was lost. */
const maxAttempts = 5

/**
 * Brings one database to its latest migration, exactly once, however many do it at the same time.
 * Says what this run did also where a reply was lost.
 *
 * @throws StratError of `planMigrations`; MigrationError; MIGRATION_RACE
 */
export async function migrateDatabase(database: Database, input: MigrateDatabaseInput): Promise<MigratedBy> {
  const {run, recordingsFor, to, completion = () => []} = input
  let cause: unknown
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const state = (attempt === 0 && input.state) || (await inspectDatabase(database))
    const pending = planMigrations(await recordingsFor(state), state, {to})
    const statements = completion(state)
    const earlier = state.applied.filter(({runId}) => runId === run.id).map(({name}) => name)
    if (pending.length === 0 && statements.length === 0) return {applied: earlier, completed: earlier.length > 0}
    const result = await applyMigrations(database, {state, pending, completion: statements, run})
    if (!result.again) return {applied: [...earlier, ...pending.map(({name}) => name)], completed: statements.length > 0}
    cause = result.cause
  }
  throw new StratError('MIGRATION_RACE', `${database.name} changed each of the ${maxAttempts} times it was about to be migrated, or did not answer.`, {
    suggestions: ['Run the same command again: what is done is not done twice.'],
    cause,
  })
}
