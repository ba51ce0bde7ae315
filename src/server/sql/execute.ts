import {type Column, type Connection, columnsOf} from './connection.ts'
import type {LibsqlStatement} from './libsql.ts'
import type {ParsedStatement} from './parse-statements.ts'
import {StatementError} from './statement-error.ts'
import {maxValueBytes, type SqlValue, sizeOf, toWireValue, type WireValue} from './values.ts'

/** sqld's `--max-response-size`, by default: what one answer may hold, in bytes. */
export const maxAnswerBytes = 10_000_000

/** How many bytes of its answer a request has left; each row takes its part. */
export type AnswerBudget = {bytes: number}

/** The result of a statement, in the words of the protocol. */
export type StatementResult = {
  cols: Column[]
  rows: WireValue[][]
  affected_row_count: number
  last_insert_rowid: string | null
  replication_index: null
  rows_read: number
  rows_written: number
  query_duration_ms: number
}

/**
 * Runs one statement.
 *
 * @throws SQLite's own errors, SQLITE_BUSY where somebody else has a lock; StatementError for an answer that is too large
 */
export function executeStatement(connection: Connection, statement: ParsedStatement, args: SqlValue[], budget: AnswerBudget): StatementResult {
  const begin = performance.now()
  const run = () => runStatement(connection, statement, args, budget)
  const result = statement.kind === 'write' && !statement.isPragma ? connection.writing(run) : run()
  connection.afterStatement()
  return {...result, replication_index: null, query_duration_ms: Math.round((performance.now() - begin) * 1000) / 1000}
}

type Run = Omit<StatementResult, 'replication_index' | 'query_duration_ms'>

function runStatement(connection: Connection, statement: ParsedStatement, args: SqlValue[], budget: AnswerBudget): Run {
  if (statement.isPragma) connection.isAltered = true
  const prepared = connection.prepare(statement.sql)
  const answer = prepared.reader ? query(prepared, args, budget) : runWithoutRows(connection, prepared, statement, args)
  const [changes, rowid] = statement.isChange ? connection.lastChange() : []
  return {
    ...answer,
    affected_row_count: Number(changes ?? 0),
    last_insert_rowid: statement.isInsert ? String(rowid) : null,
    rows_read: 0,
    rows_written: 0,
  }
}

function runWithoutRows(
  connection: Connection,
  prepared: LibsqlStatement,
  {kind, isPragma, sql}: ParsedStatement,
  args: SqlValue[],
): Pick<Run, 'cols' | 'rows'> {
  if (kind === 'write' && !isPragma) prepared.run(args)
  // Transactions and PRAGMAs may find the database locked.
  else connection.exec(sql)
  return {cols: [], rows: []}
}

function query(prepared: LibsqlStatement, args: SqlValue[], budget: AnswerBudget): Pick<Run, 'cols' | 'rows'> {
  const rows: WireValue[][] = []
  for (const row of prepared.raw().iterate(args)) {
    try {
      spend(budget, row)
    } catch (error) {
      // Ends the query half-way: left alone it would hold its snapshot until the garbage collector comes by.
      prepared.get(args)
      throw error
    }
    rows.push(row.map(toWireValue))
  }
  return {cols: columnsOf(prepared), rows}
}

function spend(budget: AnswerBudget, row: SqlValue[]): void {
  for (const value of row) {
    const size = sizeOf(value)
    if (size > maxValueBytes) throw new StatementError('SQLITE_TOOBIG', 'SQLite error: string or blob too big')
    budget.bytes -= size
  }
  if (budget.bytes < 0) throw new StatementError('RESPONSE_TOO_LARGE', 'Response is too large')
}
