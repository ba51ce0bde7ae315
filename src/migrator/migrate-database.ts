import type {Database, Statement} from '../database/database.ts'
import {type DatabaseState, inspectDatabase} from '../database/inspect.ts'
import {StratError} from '../errors.ts'
import {type Application, applyMigrations} from './apply.ts'
import type {Run} from './ledger.ts'

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

/** How often a database is read again after somebody else was faster or a reply was lost. */
const maxAttempts = 5

/**
 * Brings one database to where it should be, exactly once, however many do it at the same time.
 * Says what this run did also where a reply was lost.
 *
 * @throws StratError of `workFor`; MigrationError; MIGRATION_RACE
 */
export async function migrateDatabase(database: Database, input: MigrateDatabaseInput): Promise<MigratedBy> {
  const {run, workFor, completion = () => []} = input
  const attempted = new Set<string>()
  let cause: unknown
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const state = (attempt === 0 && input.state) || (await inspectDatabase(database))
    const work = await workFor(state)
    const statements = completion(state)
    const done = work.isUndo ? [...attempted].filter((name) => !state.ledger.includes(name)) : appliedBy(run, state)
    if (work.recordings.length === 0 && statements.length === 0) return {applied: done, completed: done.length > 0}
    const names = work.recordings.map(({name}) => name)
    for (const name of names) attempted.add(name)
    const result = await applyMigrations(database, {...work, state, completion: statements, run})
    if (!result.again) return {applied: [...done, ...names], completed: statements.length > 0}
    cause = result.cause
  }
  throw new StratError('MIGRATION_RACE', `${database.name} changed each of the ${maxAttempts} times it was about to be migrated, or did not answer.`, {
    suggestions: ['Run the same command again: what is done is not done twice.'],
    cause,
  })
}

/** What a run has applied to a database so far. */
export const appliedBy = ({id}: Pick<Run, 'id'>, {applied}: DatabaseState): string[] => applied.filter(({runId}) => runId === id).map(({name}) => name)
