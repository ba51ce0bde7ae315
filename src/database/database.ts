import type {InStatement, ResultSet, Transaction} from '@libsql/client'

export type Statement = Exclude<InStatement, string>

export type RowCounts = {read: number; written: number}

/**
 * One opened database, in the words of `@libsql/client`. Each member but `transaction` is exactly one request over HTTP.
 * Their errors are those of the client for a file, and `SqlError` over HTTP, both with a `code`, and for a batch the `statementIndex` that
 * failed; or they have the code `REPLY_LOST`, where what was asked for may have been done, or not.
 */
export interface Database {
  readonly name: string

  /** How many requests this database has been sent so far. */
  readonly requests: number

  /** How many rows this database has read and written so far, by its server's own count; null for a file, where nobody counts. */
  readonly rows: RowCounts | null

  /** Runs statements that only read, on one snapshot. */
  read(statements: Statement[]): Promise<ResultSet[]>

  /** Runs all statements in one transaction, or none of them; it has the lock from the beginning. */
  write(statements: Statement[]): Promise<ResultSet[]>

  /** Runs all statements in one transaction, or none of them, with foreign keys off meanwhile. The first must write: it takes the lock. */
  migrate(statements: Statement[]): Promise<ResultSet[]>

  /** Lends a write transaction that commits when `use` returns and rolls back when it throws. One request a statement. */
  transaction<T>(use: (transaction: Pick<Transaction, 'execute'>) => Promise<T>): Promise<T>
}
