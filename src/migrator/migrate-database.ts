import type {Database, Statement} from '../database/database.ts'
import {type DatabaseState, inspectDatabase} from '../database/inspect.ts'
import {StratError} from '../errors.ts'
import {applyMigrations} from './apply.ts'
import {Attempts} from './attempts.ts'
import type {Run} from './ledger.ts'
import type {Application} from './transactions.ts'

/** What to do to a database that stands in a certain way. */
export type Work = Pick<Application, 'recordings' | 'isUndo' | 'refusesOpenPositions'>

export type MigrateDatabaseInput = {
  run: Run
  /** Throws where a database that stands like this must be left alone. */
  workFor(state: DatabaseState): Promise<Work>
  /** What else becomes true together with the last migration. */
  completion?: (state: DatabaseState) => Statement[]
  /** What is known of the database already; saves the first request. */
  state?: DatabaseState | undefined
}

/** What this run did to the database: the migrations that it applied (or undid), and whether it was the one that made `completion` true. */
export type MigratedBy = {applied: string[]; completed: boolean}

/** How often a database is read again that stands as it did before. Where it does not, somebody else got on with it. */
const maxAttempts = 5

/**
 * Brings one database to where it should be, exactly once, however many do it at the same time.
 * Says what this run did also where a reply was lost.
 *
 * @throws StratError of `workFor`; MigrationError; MIGRATION_RACE
 */
export async function migrateDatabase(database: Database, input: MigrateDatabaseInput): Promise<MigratedBy> {
  const {run, workFor, completion = () => []} = input
  const attempts = new Attempts(run)
  for (let state = input.state ?? (await inspectDatabase(database)); ; state = await inspectDatabase(database)) {
    attempts.find(state)
    // What this run set out to do, it did: whatever somebody else has done since is none of its business.
    if (attempts.haveSucceeded(state)) return {applied: attempts.doneIn(state), completed: true}
    if (attempts.fruitless === maxAttempts) throw race(database.name, attempts.cause)
    const work = await workFor(state)
    const statements = completion(state)
    const done = attempts.doneIn(state, work.isUndo)
    if (work.recordings.length === 0 && statements.length === 0) return {applied: done, completed: done.length > 0}
    const result = await applyMigrations(database, {...work, state, completion: statements, run})
    if (!result.again) return {applied: [...done, ...work.recordings.map(({name}) => name)], completed: statements.length > 0}
    attempts.add(work, result)
  }
}

const race = (name: string, cause: unknown) =>
  new StratError('MIGRATION_RACE', `${name} changed each of the ${maxAttempts} times it was about to be migrated, or did not answer.`, {
    suggestions: ['Run the same command again: what is done is not done twice.'],
    cause,
  })
