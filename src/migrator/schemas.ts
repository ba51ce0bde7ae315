import {usingMemoryDatabase} from '../database/connect.ts'
import {emptyState, inspectDatabase, ownSchema, type SchemaObject} from '../database/inspect.ts'
import {StratError} from '../errors.ts'
import {applyMigrations} from './apply.ts'
import type {Recording} from './migration.ts'

/** Nobody reads what a memory database keeps of its run. */
export const noRun = {id: '', stratVersion: ''}

/**
 * The schema that a fresh database has after the first migration, after the second, and so on. As many as can be made: one that
 * reads may miss the rows that it is for.
 */
export function schemasAfterEach(recordings: Recording[]): Promise<SchemaObject[][]> {
  return usingMemoryDatabase(async (memory) => {
    const schemas: SchemaObject[][] = []
    let state = emptyState
    for (const recording of recordings) {
      try {
        await applyMigrations(memory, {state, recordings: [recording], run: noRun})
      } catch (error) {
        if (error instanceof StratError && error.code === 'MIGRATION_FAILED') break
        throw error
      }
      state = await inspectDatabase(memory)
      schemas.push(ownSchema(state))
    }
    return schemas
  })
}
