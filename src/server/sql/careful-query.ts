import type {Connection} from './connection.ts'
import type {LibsqlStatement} from './libsql.ts'
import {StatementError} from './statement-error.ts'
import type {SqlValue} from './values.ts'

const utf8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true})

/**
 * The same query, with each text as the bytes that it is stored in: the libsql package ends the process at a text that is not
 * UTF-8, which SQLite stores like any other. `read` makes texts of them again.
 */
export function carefully(connection: Connection, query: LibsqlStatement, sql: string): {statement: LibsqlStatement; read: (row: SqlValue[]) => SqlValue[]} {
  const names = query.columns().map((_, index) => `c${index}`)
  const columns = names.flatMap((name) => [`CASE typeof(${name}) WHEN 'text' THEN CAST(${name} AS BLOB) ELSE ${name} END`, `typeof(${name}) = 'text'`])
  const statement = connection.prepare(`WITH careful(${names.join(', ')}) AS (${sql}\n) SELECT ${columns.join(', ')} FROM careful`)
  return {statement, read: (row) => names.map((_, index) => (row[2 * index + 1] === 1n ? decode(row[2 * index]) : (row[2 * index] ?? null)))}
}

function decode(value: SqlValue | undefined): string {
  try {
    return utf8.decode(value as Buffer)
  } catch {
    throw new StatementError('SQLITE_MISMATCH', 'SQLite error: a text in the result is not UTF-8; read it as CAST(… AS BLOB)')
  }
}
