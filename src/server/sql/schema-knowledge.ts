import {PermissionChecker} from '../permissions/permissions.ts'
import type {SchemaRow} from '../permissions/schema-copy.ts'
import {RowCounter, type RowCounts, type Run} from '../row-counts/row-counts.ts'
import type {LibsqlDatabase, LibsqlStatement} from './libsql.ts'
import type {SqlValue} from './values.ts'

/** In characters; the bytecode of longer statements takes longer to look through than to run. */
const longestCounted = 20_000

/** What depends on the schema that a connection sees, in its transaction or outside: made when it is asked for, and again after a change. */
export class SchemaKnowledge {
  readonly #database: LibsqlDatabase
  readonly #schemaVersion: LibsqlStatement
  readonly #counter: RowCounter
  #version: SqlValue | undefined
  #checker: PermissionChecker | undefined

  constructor(database: LibsqlDatabase) {
    this.#database = database
    this.#schemaVersion = database.prepare('PRAGMA schema_version').raw()
    this.#counter = new RowCounter(database)
  }

  /** Forgets everything if anybody has changed the schema; to be called before a statement. */
  refresh(): void {
    const version = this.#schemaVersion.all([])[0]?.[0]
    if (version !== this.#version) this.forget()
    this.#version = version
  }

  /** To be called after a change of one's own: a version that is rolled back comes again, for another schema. */
  forget(): void {
    this.#checker?.close()
    this.#checker = undefined
    this.#counter.forget()
  }

  checker(): PermissionChecker {
    this.#checker ??= new PermissionChecker(this.#schema())
    return this.#checker
  }

  count(statement: LibsqlStatement, sql: string, run: Run): RowCounts {
    const rough = {rowsRead: run.rows, rowsWritten: run.totalChanges}
    return sql.length > longestCounted ? rough : this.#counter.count(statement, sql, run)
  }

  #schema(): SchemaRow[] {
    const rows = this.#database.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid').raw().all([])
    return rows.map(([type, name, table, sql]) => ({type: String(type), name: String(name), tbl_name: String(table), sql: sql === null ? null : String(sql)}))
  }
}
