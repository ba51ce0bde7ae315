import {foldName, scan} from '../../database/sql/tokens.ts'

/** Why a statement was not run, in sqld's words and codes; the pipeline goes on. */
export class StatementError extends Error {
  override name = 'StatementError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** A request that breaks the protocol: the whole pipeline is answered with this, and its stream is closed. */
export class ProtocolError extends Error {
  override name = 'ProtocolError'
  readonly status: 400 | 403 | 429
  /** Sent as JSON instead of the message as text. */
  readonly json: object | undefined

  constructor(message: string, {status = 400, json}: {status?: 400 | 403 | 429; json?: object} = {}) {
    super(message)
    this.status = status
    this.json = json
  }
}

/** SQLite's primary result codes, by number, as sqld names them; all others are SQLITE_UNKNOWN. */
const codes: Record<number, string> = {
  2: 'SQLITE_INTERNAL',
  3: 'SQLITE_PERM',
  4: 'SQLITE_ABORT',
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  7: 'SQLITE_NOMEM',
  8: 'SQLITE_READONLY',
  9: 'SQLITE_INTERRUPT',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  12: 'SQLITE_NOTFOUND',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  15: 'SQLITE_PROTOCOL',
  17: 'SQLITE_SCHEMA',
  18: 'SQLITE_TOOBIG',
  19: 'SQLITE_CONSTRAINT',
  20: 'SQLITE_MISMATCH',
  21: 'SQLITE_MISUSE',
  22: 'SQLITE_NOLFS',
  23: 'SQLITE_AUTH',
  25: 'SQLITE_RANGE',
  26: 'SQLITE_NOTADB',
}

const syntaxError = /^near "(.*)": syntax error$|^incomplete input$|^unrecognized token: "(.*)"$|^parser stack overflow$/s
/** Errors in which SQLite knows the place; sqld calls them input errors and says it. */
const inputError =
  /^no such (?:column|function): (.+)$|^ambiguous column name: (.+)$|^(?:table|view|index) (.+) already exists$|^(?:wrong number of arguments to|misuse of (?:aggregate|window)) function (.+)\(\)$|^(?:misuse of aggregate|misuse of window function): (.+)\(\)$/

type SqliteError = Error & {rawCode: number}

/** Whether an error is SQLite's own, as the `libsql` package throws it. */
export const isSqliteError = (error: unknown): error is SqliteError => error instanceof Error && 'rawCode' in error && typeof error.rawCode === 'number'

/** Whether SQL is no SQL at all, as opposed to naming what is not there. */
export const isSyntaxError = (error: unknown) => isSqliteError(error) && syntaxError.test(error.message)

/** Puts an error of SQLite as sqld does when it runs a statement. */
export function toStatementError(error: unknown, sql: string): StatementError {
  if (error instanceof StatementError) return error
  if (!isSqliteError(error)) throw error
  const syntax = syntaxError.exec(error.message)
  if (syntax) return new StatementError('SQL_PARSE_ERROR', `SQL string could not be parsed: ${placed(error.message, syntax[1], sql)}`)
  return toDescribeError(error, sql)
}

/** Puts an error of SQLite as sqld does when it only prepares a statement: then syntax errors are SQLite's, too. */
export function toDescribeError(error: SqliteError, sql: string): StatementError {
  const found = syntaxError.exec(error.message) ?? inputError.exec(error.message)
  const name = found?.slice(1).find((group) => group !== undefined)
  if (name !== undefined) return new StatementError('SQL_INPUT_ERROR', `SQL input error: ${error.message} (at offset ${offsetOf(sql, name)})`)
  return new StatementError(codes[error.rawCode & 0xff] ?? 'SQLITE_UNKNOWN', `SQLite error: ${error.message}`)
}

/** sqld's own parser says where it stopped: line and column behind the token. */
function placed(message: string, token: string | undefined, sql: string): string {
  if (token === undefined) return message
  const before = sql.slice(0, sql.indexOf(token) + token.length).split('\n')
  return `syntax error around L${before.length}:${(before.at(-1)?.length ?? 0) + 1}: \`${token}\``
}

/** In bytes; of the first token that is the name, which is the right one as good as always. */
function offsetOf(sql: string, name: string): number {
  const words = [foldName(name), foldName(name.split('.')[0] ?? '')]
  for (const {text, start} of scan(sql)) if (words.includes(foldName(text))) return Buffer.byteLength(sql.slice(0, start))
  return 0
}
