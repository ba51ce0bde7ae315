import {type Column, type Connection, columnsOf} from './connection.ts'
import type {ParsedStatement} from './parse-statements.ts'
import {isSqliteError, isSyntaxError, toDescribeError, toStatementError} from './statement-error.ts'

/** What a statement is, in the words of the protocol. */
export type Description = {params: {name: string | null}[]; cols: Column[]; is_explain: boolean; is_readonly: boolean}

/** Says what a statement is without running it. @throws StatementError */
export function describeStatement(connection: Connection, statement: ParsedStatement): Description {
  const {sql, parameters, isExplain, isReadonly} = statement
  try {
    const prepared = connection.prepare(sql)
    const cols = prepared.reader ? columnsOf(prepared) : []
    return {params: parameters.map((name) => ({name})), cols, is_explain: isExplain, is_readonly: isReadonly}
  } catch (error) {
    throw isSqliteError(error) ? toDescribeError(error, sql) : error
  } finally {
    // Preparing some PRAGMAs runs them.
    connection.afterStatement(statement)
  }
}

/** Refuses what is no SQL, as sqld's own parser does before anything runs. @throws StatementError */
export function checkSyntax(connection: Connection, statement: ParsedStatement): void {
  if (statement.isKnownSql || statement.isPragma) return
  try {
    connection.prepare(statement.sql)
  } catch (error) {
    if (isSyntaxError(error)) throw toStatementError(error, statement.sql)
  }
  statement.isKnownSql = true
}
