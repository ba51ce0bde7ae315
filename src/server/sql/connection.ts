import type {Permission} from '../../platform/platform.ts'
import {type LibsqlDatabase, type LibsqlStatement, openLibsql} from './libsql.ts'
import type {ParsedStatement} from './parse-statements.ts'
import {PreparedChanges} from './prepared-changes.ts'
import {SchemaKnowledge} from './schema-knowledge.ts'
import {StatementError} from './statement-error.ts'
import type {SqlValue} from './values.ts'

export type Column = {name: string; decltype: string | null}

/** SQLite's own limit. */
const maxPages = 4_294_967_294

/** One connection to a database's file. */
export class Connection {
  readonly #database: LibsqlDatabase
  readonly #lastChange: LibsqlStatement
  #sizeLimit: number | null = null
  #hasWriteLock = false
  #totalChanges = 0
  /** What it knows of the schema. */
  readonly schema: SchemaKnowledge
  readonly changes: PreparedChanges
  /** Whether texts are read as bytes. */
  isCareful = false
  /** Whether it is as a new one would be, or can be made so. */
  isReusable = true
  #hasRunPragma = false

  constructor(file: string) {
    this.#database = openLibsql(file)
    // As sqld: in a write-ahead log a commit survives the process, and power cuts are no matter on this machine.
    this.#database.exec('PRAGMA synchronous = NORMAL')
    this.#lastChange = this.#database.prepare('SELECT changes(), last_insert_rowid(), total_changes()').raw()
    this.schema = new SchemaKnowledge(this.#database)
    this.changes = new PreparedChanges(this.#database)
  }

  get inTransaction(): boolean {
    return this.#database.inTransaction
  }

  prepare(sql: string): LibsqlStatement {
    this.changes.forget(sql)
    return this.#database.prepare(sql)
  }

  /** Runs SQL that returns no rows. Unlike a prepared statement it leaves nothing behind where the database is locked. */
  exec(sql: string): void {
    this.#database.exec(sql)
  }

  /**
   * Runs `write` in the transaction that is open, or in one of its own, with the write lock. A statement that only finds the
   * lock taken when it runs stays half run, and keeps later ones from being committed.
   *
   * @throws SQLite's SQLITE_BUSY where somebody else has the lock; `write` has not begun then
   */
  writing<T>(write: () => T): T {
    if (!this.inTransaction) return this.#inOwnTransaction(write)
    // Takes the lock and does nothing: the databases here are not auto-vacuumed.
    if (!this.#hasWriteLock) this.exec('PRAGMA incremental_vacuum(1)')
    this.#hasWriteLock = true
    return write()
  }

  #inOwnTransaction<T>(write: () => T): T {
    this.exec('BEGIN IMMEDIATE')
    try {
      return write()
    } finally {
      // Also after an error: what it undid is undone, and INSERT OR FAIL keeps what came before.
      this.#commit()
    }
  }

  #commit(): void {
    try {
      if (this.inTransaction) this.exec('COMMIT')
    } catch (error) {
      this.rollback()
      throw error
    }
  }

  /** Keeps account of what a statement did to the connection; to be called after each, also one that failed. */
  afterStatement({isPragma, isSchemaChange, kind}: ParsedStatement): void {
    if (!this.inTransaction) this.#hasWriteLock = false
    if (isPragma) this.#hasRunPragma = true
    if (isPragma || isSchemaChange) this.schema.forget()
    // Through the libsql package it stays a running statement until it is collected as garbage, and keeps others from being committed.
    if (kind === 'explain') this.isReusable = false
  }

  /** What the statement before changed: rows of its own, the rowid of an INSERT, rows in all with those of triggers. */
  lastChange(): {changes: number; rowid: SqlValue; totalChanges: number} {
    const [changes = 0n, rowid = 0n, total = 0n] = this.#lastChange.all([])[0] ?? []
    const totalChanges = Number(total) - this.#totalChanges
    this.#totalChanges = Number(total)
    return {changes: Number(changes), rowid, totalChanges}
  }

  /** Makes it as a new one is: `foreign_keys` is the only PRAGMA that may be set here and is the connection's. */
  reset(): void {
    this.rollback()
    if (this.#hasRunPragma) this.exec('PRAGMA foreign_keys = ON')
    this.#hasRunPragma = false
  }

  /** Refuses what a token's fine-grained permissions do not allow. @throws StatementError SQLITE_AUTH */
  checkPermissions({sql}: ParsedStatement, permissions: Permission[] | undefined): void {
    const refusal = permissions && this.schema.checker().refusal(sql, permissions)
    if (refusal !== undefined) throw new StatementError('SQLITE_AUTH', `SQLite error: ${refusal}`)
  }

  /** Keeps the database from growing past a limit, in bytes: SQLITE_FULL then. */
  limitSize(bytes: number | null): void {
    if (bytes === this.#sizeLimit) return
    const pageSize = Number(this.rows('PRAGMA page_size')[0]?.[0])
    this.exec(`PRAGMA max_page_count = ${bytes === null ? maxPages : Math.max(1, Math.floor(bytes / pageSize))}`)
    this.#sizeLimit = bytes
  }

  /** The rows of a query of our own. */
  rows(sql: string): SqlValue[][] {
    return this.prepare(sql).raw().all([])
  }

  rollback(): void {
    if (!this.inTransaction) return
    this.exec('ROLLBACK')
    this.#hasWriteLock = false
    this.schema.forget()
  }

  close(): void {
    this.rollback()
    this.#database.close()
  }
}

export const columnsOf = (prepared: LibsqlStatement): Column[] => prepared.columns().map(({name, type}) => ({name, decltype: type}))
