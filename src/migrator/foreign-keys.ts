import type {Statement} from '../database/database.ts'
import type {DatabaseState} from '../database/inspect.ts'
import type {Recording} from './migration.ts'
import {hasWord} from './sql.ts'

const violated = 'foreign keys violated: '

/**
 * Migrations run with foreign keys off, so that a rebuilt table does not take its children with it. This last statement
 * fails, and so rolls all back, if rows are left that refer to nothing. It reads rows: only where the schema has foreign keys.
 */
const check: Statement = {
  sql: `SELECT json_extract('[1]', (SELECT '${violated}' || "table" FROM pragma_foreign_key_check LIMIT 1))`,
  args: [],
}

export function foreignKeyCheck({schema}: DatabaseState, recordings: Recording[]): Statement[] {
  const texts = [
    ...schema.map(({sql}) => sql),
    ...recordings.flatMap((recording) => (recording.mode === 'atomic' ? recording.statements.map(({sql}) => sql) : [])),
  ]
  const isNeeded = recordings.some(({mode}) => mode === 'interactive') || texts.some((sql) => hasWord(sql, 'references'))
  return isNeeded ? [check] : []
}

/** The table whose rows the check found to refer to nothing, if it is the check that failed. */
export const violatingTable = (message: string) => new RegExp(`${violated}([^'"]+)`).exec(message)?.[1]
