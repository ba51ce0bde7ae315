import type {ResultSet} from '@libsql/client'
import type {Statement} from './database.ts'
import {type BatchResult, toResultSet, toWireStatement, type WireStep} from './hrana.ts'
import {notSql} from './http-client.ts'
import {toSqlError} from './sql-error.ts'

/** Steps, all of which are to be done up to `last`; those from `first` up to `end` are the statements that were given. */
export type Batch = {steps: WireStep[]; first: number; end: number; last: number}

/** Statements with commands before and after them, each of which is done if the one before it was. */
export function chain(statements: Statement[], {before = [], after = []}: {before?: string[]; after?: string[]} = {}): Batch {
  const all = [...before.map(command), ...statements.map(toWireStatement), ...after.map(command)]
  const steps = all.map((stmt, index): WireStep => (index === 0 ? {stmt} : {stmt, condition: {type: 'ok', step: index - 1}}))
  return {steps, first: before.length, end: before.length + statements.length, last: steps.length - 1}
}

/** Statements of which all are done in one transaction, or none. */
export function inTransaction(begin: string, statements: Statement[], {foreignKeys = true} = {}): Batch {
  const batch = chain(statements, {before: foreignKeys ? [begin] : ['PRAGMA foreign_keys=off', begin], after: ['COMMIT']})
  batch.steps.push({stmt: command('ROLLBACK'), condition: {type: 'not', cond: {type: 'ok', step: batch.last}}})
  if (!foreignKeys) batch.steps.push({stmt: command('PRAGMA foreign_keys=on')})
  return batch
}

/**
 * The results of the statements that were given.
 *
 * @throws SqlError of the first step that was not done
 */
export function resultsOf({step_results: results, step_errors: errors}: BatchResult, {first, end, last}: Batch): ResultSet[] {
  for (let step = 0; step <= last; step++) {
    if (results[step]) continue
    const error = errors[step] ?? {code: 'TRANSACTION_CLOSED', message: 'it was not executed, because its transaction was over'}
    throw toSqlError(error, step >= first && step < end ? step - first : undefined)
  }
  return results.slice(first, end).flatMap((result) => (result ? [understood(result)] : []))
}

/** The statement is done, whatever is wrong with the form of its result. */
function understood(result: Parameters<typeof toResultSet>[0]): ResultSet {
  try {
    return toResultSet(result)
  } catch (error) {
    throw error instanceof TypeError || error instanceof SyntaxError ? notSql() : error
  }
}

const command = (sql: string) => ({...toWireStatement({sql, args: []}), want_rows: false})
