import type {Permission} from '../../platform/platform.ts'
import {carefully} from './careful-query.ts'
import {type Column, type Connection, columnsOf} from './connection.ts'
import type {LibsqlStatement} from './libsql.ts'
import type {ParsedStatement} from './parse-statements.ts'
import {StatementError} from './statement-error.ts'
import {maxValueBytes, type SqlValue, sizeOf, toWireValue, type WireValue} from './values.ts'

/** sqld's `--max-response-size`, by default: what one answer may hold, in bytes. */
export const maxAnswerBytes = 10_000_000

/** What the protocol puts around a value, about. */
const wrapping = 26

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

/** A statement to run, with its arguments, what its token may do (undefined for all), and the room in the answer; without one no rows are kept. */
export type Execution = {statement: ParsedStatement; args: SqlValue[]; permissions: Permission[] | undefined; budget: AnswerBudget | undefined}

/**
 * Runs one statement.
 *
 * @throws SQLite's own errors, SQLITE_BUSY where somebody else has a lock; StatementError for an answer that is too large
 */
export function executeStatement(connection: Connection, {statement, args, permissions, budget}: Execution): StatementResult {
  const begin = performance.now()
  const run = () => {
    connection.schema.refresh()
    connection.checkPermissions(statement, permissions)
    return runStatement(connection, statement, args, budget)
  }
  try {
    const result = statement.kind === 'write' && !statement.isPragma ? connection.writing(run) : run()
    return {...result, replication_index: null, query_duration_ms: Math.round((performance.now() - begin) * 1000) / 1000}
  } finally {
    connection.afterStatement(statement)
  }
}

type Run = Omit<StatementResult, 'replication_index' | 'query_duration_ms'>

function runStatement(connection: Connection, statement: ParsedStatement, args: SqlValue[], budget: AnswerBudget | undefined): Run {
  const prepared = statement.isChange ? connection.changes.prepare(statement.sql) : connection.prepare(statement.sql)
  const answer = prepared.reader ? queryRows(connection, prepared, statement, args, budget) : runWithoutRows(connection, prepared, statement, args)
  const {changes, rowid, totalChanges} = statement.isChange ? connection.lastChange() : noChange
  // What the schema costs is no part of any contract, and what reads no rows has nothing to count.
  const isCounted = statement.isChange || (statement.kind === 'read' && !statement.isPragma)
  const run = {rows: answer.rows.length, changes, totalChanges}
  const {rowsRead, rowsWritten} = isCounted ? connection.schema.count(prepared, statement.sql, run) : noRows
  if (statement.isChange) connection.changes.keep(statement.sql, prepared)
  return {
    ...answer,
    affected_row_count: changes,
    last_insert_rowid: statement.isInsert ? String(rowid) : null,
    rows_read: rowsRead,
    rows_written: rowsWritten,
  }
}

const noChange = {changes: 0, rowid: 0n, totalChanges: 0}
const noRows = {rowsRead: 0, rowsWritten: 0}

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

function queryRows(
  connection: Connection,
  prepared: LibsqlStatement,
  {kind, isPragma, sql}: ParsedStatement,
  args: SqlValue[],
  budget: AnswerBudget | undefined,
): Pick<Run, 'cols' | 'rows'> {
  const isCareful = connection.isCareful && kind === 'read' && !isPragma
  const {statement, read} = isCareful ? carefully(connection, prepared, sql) : {statement: prepared, read: asItIs}
  const rows: WireValue[][] = []
  for (const found of statement.raw().iterate(args)) {
    if (!budget) continue
    try {
      const row = read(found)
      spend(budget, row)
      rows.push(row.map(toWireValue))
    } catch (error) {
      // Ends the query half-way: left alone it would hold its snapshot until the garbage collector comes by.
      statement.get(args)
      throw error
    }
  }
  return {cols: columnsOf(prepared), rows}
}

const asItIs = (row: SqlValue[]) => row

function spend(budget: AnswerBudget, row: SqlValue[]): void {
  for (const value of row) {
    const size = sizeOf(value)
    if (size > maxValueBytes) throw new StatementError('SQLITE_TOOBIG', 'SQLite error: string or blob too big')
    budget.bytes -= size + wrapping
  }
  if (budget.bytes < 0) throw new StatementError('RESPONSE_TOO_LARGE', 'Response is too large')
}
