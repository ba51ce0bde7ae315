/**
 * What a database itself says is wrong with a statement, in the form of `@libsql/client`'s errors. Codes are SQLite's and
 * libSQL's: `SQLITE_CONSTRAINT`, `SQL_INPUT_ERROR`, `TRANSACTION_TIMEOUT`, `STREAM_EXPIRED`, …
 */
export class SqlError extends Error {
  readonly code: string
  /** Of several statements, the one that failed. */
  readonly statementIndex: number | undefined

  constructor(code: string, message: string, statementIndex?: number) {
    super(`${code}: ${message}`)
    this.code = code
    this.statementIndex = statementIndex
  }
}

/** Reads an error as the protocol has it. */
export const toSqlError = ({message, code}: {message?: unknown; code?: unknown}, statementIndex?: number) =>
  new SqlError(typeof code === 'string' ? code : 'UNKNOWN', String(message), statementIndex)
