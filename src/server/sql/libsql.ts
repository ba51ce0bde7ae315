import Database from 'libsql'
import type {SqlValue} from './values.ts'

/** The part of the `libsql` package that is used here: its own types are those of another package. */
export interface LibsqlDatabase {
  readonly inTransaction: boolean
  prepare(sql: string): LibsqlStatement
  exec(sql: string): void
  close(): void
}

export interface LibsqlStatement {
  /** Whether it returns rows. */
  readonly reader: boolean
  /** Makes rows come as arrays; only for a reader. */
  raw(): this
  /** Arguments are one array: alone, a null or a blob would be taken for named ones. */
  run(args: SqlValue[]): {changes: number}
  /** The next row, the first one for a statement that is not under way; ends the statement. */
  get(args: SqlValue[]): SqlValue[] | undefined
  all(args: SqlValue[]): SqlValue[][]
  iterate(args: SqlValue[]): IterableIterator<SqlValue[]>
  /** Whether integers come as bigint. */
  safeIntegers(toggle: boolean): this
  columns(): {name: string; type: string | null}[]
}

/** Opens a file whose integers come as bigint. It never waits for a lock: who finds one gets SQLITE_BUSY at once. */
export function openLibsql(file: string): LibsqlDatabase {
  const database = new Database(file, {timeout: 0})
  database.defaultSafeIntegers(true)
  return database as unknown as LibsqlDatabase
}
