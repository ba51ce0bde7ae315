import {usingMemoryDatabase} from '../database/connect.ts'
import {inspectDatabase, ownSchema, type SchemaObject} from '../database/inspect.ts'
import {StratError} from '../errors.ts'
import {applyMigrations} from './apply.ts'
import type {ClassPlan} from './class-plan.ts'
import type {DatabaseClass} from './database-class.ts'
import {makeSchema, membersOf} from './make-schema.ts'
import {isDatabaseError, MigrationError} from './migration-error.ts'
import {noRun} from './schemas.ts'

/** What a rehearsal showed. */
export type Rehearsal = {
  /** The schema before each migration, and after the last that could be rehearsed. */
  schemas: SchemaObject[][]
  /** The migration that could not be, nor those after it: it reads, and there are no rows. */
  unrehearsed: string | null
}

/**
 * Executes what is planned for a class on a database in memory that has its schema, and no rows. No real database is touched.
 *
 * @throws StratError REHEARSAL_FAILED with the migration, its statement, and what the database says of it; that of `makeSchema`
 */
export async function rehearse({class: databases, recordings, isUndo}: Pick<ClassPlan, 'class' | 'recordings' | 'isUndo'>): Promise<Rehearsal> {
  return usingMemoryDatabase(async (memory) => {
    await makeSchema(memory, databases)
    let state = await inspectDatabase(memory)
    const schemas = [ownSchema(state)]
    for (const recording of recordings) {
      try {
        await applyMigrations(memory, {state, recordings: [recording], isUndo, run: noRun})
      } catch (error) {
        if (!(error instanceof MigrationError)) throw error
        if (recording.mode === 'interactive' && !isDatabaseError(error.cause)) return {schemas, unrehearsed: recording.name}
        throw rehearsalFailed(databases, error)
      }
      state = await inspectDatabase(memory)
      schemas.push(ownSchema(state))
    }
    return {schemas, unrehearsed: null}
  })
}

function rehearsalFailed(databases: DatabaseClass, error: MigrationError): StratError {
  const statement = error.statement.replace(/\s+/g, ' ')
  return new StratError(
    'REHEARSAL_FAILED',
    `Rehearsed on the schema of ${membersOf(databases)}, ${error.message}${statement && ` Statement: ${statement.length > 300 ? `${statement.slice(0, 300)}…` : statement}`}`,
    {suggestions: ['Mend the migration. No database was changed.'], cause: error},
  )
}
