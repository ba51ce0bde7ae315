import {usingMemoryDatabase} from '../database/connect.ts'
import {bookkeepingTables, inspectDatabase, ownSchema, type SchemaObject} from '../database/inspect.ts'
import {applyMigrations} from './apply.ts'
import type {ClassPlan} from './class-plan.ts'
import {violatingTable} from './foreign-keys.ts'
import {makeSchema, membersOf, schemaUnusable} from './make-schema.ts'
import type {Recording} from './migration.ts'
import {isDatabaseError, MigrationError} from './migration-error.ts'
import {rehearsalFailed} from './rehearsal-failed.ts'
import {noRun} from './schemas.ts'
import {hasWord, mentions} from './sql.ts'

/** What a rehearsal showed. */
export type Rehearsal = {
  /** The schema before each migration, and after the last that could be rehearsed. */
  schemas: SchemaObject[][]
  /** The migration that could not be, nor those after it: it needs rows, and there are none. */
  unrehearsed: string | null
}

/**
 * Executes what is planned for a class on a database in memory that has its schema, and no rows. No real database is touched.
 *
 * @throws StratError REHEARSAL_FAILED with the migration, its statement, and what the database says of it; SCHEMA_UNUSABLE
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
        if (needsRows(error, recording)) return {schemas, unrehearsed: recording.name}
        // No migration may hold a statement on these tables, so it is not the migration's fault.
        if (bookkeepingTables.some((table) => mentions(error.statement, table))) throw schemaUnusable(databases, error)
        throw rehearsalFailed(`Rehearsed on the schema of ${membersOf(databases)}`, error)
      }
      state = await inspectDatabase(memory)
      schemas.push(ownSchema(state))
    }
    return {schemas, unrehearsed: null}
  })
}

/** Whether it may be only for want of rows that a migration failed: what it reads, refers to or computes with is not there. */
function needsRows({cause, statement}: MigrationError, {mode}: Recording): boolean {
  if (!isDatabaseError(cause)) return mode === 'interactive'
  if (violatingTable(cause.message)) return true
  if (!cause.code.startsWith('SQLITE_CONSTRAINT')) return false
  const isRaised = 'extendedCode' in cause && cause.extendedCode === 'SQLITE_CONSTRAINT_TRIGGER'
  return mode === 'interactive' || isRaised || hasWord(statement, 'select')
}
