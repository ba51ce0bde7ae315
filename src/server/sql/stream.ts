import type {RowCounts} from '../row-counts/row-counts.ts'
import {type Access, checkBlocked, checkReadOnly} from './access.ts'
import {bindArguments} from './arguments.ts'
import {mentionsBlob} from './blob-literals.ts'
import type {Connection} from './connection.ts'
import type {DatabaseFile} from './database-file.ts'
import {checkSyntax, type Description, describeStatement} from './describe.ts'
import {type AnswerBudget, executeStatement, type StatementResult} from './execute.ts'
import type {ParsedStatement, StatementParser} from './parse-statements.ts'
import type {SqlText, WireStatement} from './protocol.ts'
import {ProtocolError, StatementError, toStatementError} from './statement-error.ts'
import type {LockHolder} from './write-lock.ts'

const maxStoredTexts = 50
/** In bytes, as sqld. */
const maxStoredText = 5000

/** A statement that has been parsed and may be run. */
export type ReadyStatement = {statement: ParsedStatement; wire: WireStatement}

/** One stream: a connection of its own with what a client keeps on it, its transaction and its stored SQL texts. */
export class SqlStream implements LockHolder {
  readonly #database: DatabaseFile
  readonly #parser: StatementParser
  readonly #texts = new Map<number, string>()
  #connection: Connection | undefined
  #hasTimedOut = false
  /** What its statements have read and written since it was asked last. */
  #usage: RowCounts = {rowsRead: 0, rowsWritten: 0}

  constructor(database: DatabaseFile, parser: StatementParser, access: Access) {
    this.#database = database
    this.#parser = parser
    this.#connection = database.connect(access.sizeLimit)
  }

  get isClosed(): boolean {
    return this.#connection === undefined
  }

  get inTransaction(): boolean {
    return this.#connection?.inTransaction ?? false
  }

  /** @throws ProtocolError after the stream was closed */
  get connection(): Connection {
    if (this.#connection) return this.#connection
    throw new ProtocolError('Stream for this baton was closed')
  }

  close(): void {
    if (!this.#connection) return
    this.#database.giveBack(this.#connection)
    this.#connection = undefined
    this.#database.lock.release(this)
  }

  timeOut(): void {
    this.#connection?.rollback()
    this.#hasTimedOut = true
  }

  /** Whether the transaction was taken away since this was asked last. */
  takeTimeOut(): boolean {
    const has = this.#hasTimedOut
    this.#hasTimedOut = false
    return has
  }

  takeUsage(): RowCounts {
    const usage = this.#usage
    this.#usage = {rowsRead: 0, rowsWritten: 0}
    return usage
  }

  storeText(id: number, sql: string): void {
    if (this.#texts.has(id)) throw new ProtocolError(`SQL text ${id} already exists`)
    const count = this.#texts.size
    if (count >= maxStoredTexts) throw new StatementError('SQL_STORE_TOO_MANY', `The server already stores ${count} SQL texts, it cannot store more`)
    const size = Buffer.byteLength(sql)
    if (size > maxStoredText) throw new StatementError('SQL_STORE_TOO_LARGE', `The statement is too large to be stored: ${size} B/5.0 KB`)
    this.#texts.set(id, sql)
  }

  forgetText(id: number): void {
    this.#texts.delete(id)
  }

  /** The statements of an SQL text; all must be of a kind that the server runs at all. */
  parse(text: SqlText): ParsedStatement[] {
    const sql = this.#textOf(text)
    const statements = this.#parser.parse(sql)
    for (const {kind, hostFunction, isExplain} of statements) {
      if (kind === 'unsupported') throw new StatementError('SQL_PARSE_ERROR', `SQL string could not be parsed: unsupported statement: ${sql}`)
      if (isExplain && mentionsBlob(sql)) throw new StatementError('SQLITE_UNKNOWN', 'SQLite error: EXPLAIN shows no blob literals here')
      // They reach into files of this machine: the libsql package has them, and no server.
      if (hostFunction) throw new StatementError('SQLITE_AUTH', `SQLite error: not authorized to use function: ${hostFunction}`)
    }
    return statements
  }

  /** Exactly one statement, free of syntax errors. */
  parseOne(wire: WireStatement): ReadyStatement {
    const [statement, second] = this.parse(wire)
    if (!statement) throw new StatementError('SQL_NO_STATEMENT', 'SQL string does not contain any statement')
    checkSyntax(this.connection, statement)
    if (second) throw new StatementError('SQL_MANY_STATEMENTS', 'SQL string contains more than one statement')
    return {statement, wire}
  }

  #textOf({sql, sqlId}: SqlText): string {
    if (sql !== undefined && sqlId !== undefined) throw new ProtocolError('Either `sql` or `sql_id` are required, but not both')
    const text = sqlId === undefined ? sql : this.#texts.get(sqlId)
    if (text !== undefined) return text
    throw new ProtocolError(sqlId === undefined ? 'Either `sql` or `sql_id` are required' : `SQL text ${sqlId} not found`)
  }

  /** Runs a statement that `checkReadOnly` has let pass; waits while the database is locked. @throws StatementError */
  async execute({statement, wire}: ReadyStatement, access: Access, budget: AnswerBudget | undefined): Promise<StatementResult> {
    checkReadOnly(statement, access)
    checkBlocked(statement, access)
    const connection = this.connection
    const execution = {statement, args: bindArguments(statement, wire), permissions: access.permissions, budget}
    const {lock} = this.#database
    try {
      const result = await lock.acquire(this, () => executeStatement(connection, execution))
      this.#usage = {rowsRead: this.#usage.rowsRead + result.rows_read, rowsWritten: this.#usage.rowsWritten + result.rows_written}
      return result
    } catch (error) {
      throw toStatementError(error, statement.sql)
    } finally {
      lock.note(this, takesLock(statement))
    }
  }

  describe(text: SqlText): Description {
    const [statement, second] = this.parse(text)
    if (!statement) throw new StatementError('SQL_NO_STATEMENT', 'SQL string does not contain any statement')
    if (second) throw new StatementError('SQL_MANY_STATEMENTS', 'SQL string contains more than one statement')
    return describeStatement(this.connection, statement)
  }
}

const takesLock = ({kind, isPragma, sql}: ParsedStatement) => (kind === 'write' && !isPragma) || (kind === 'begin' && /\b(?:immediate|exclusive)\b/i.test(sql))
