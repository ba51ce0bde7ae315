import type {LibsqlDatabase, LibsqlStatement} from './libsql.ts'

/** As many texts as are kept: one batch of a client has few. */
const most = 20

/**
 * The changes without result rows that a connection ran last, kept prepared: of a batch with one text for each row, preparing takes longer than
 * running, and SQLite's counters are looked for among all statements that were not collected as garbage yet.
 */
export class PreparedChanges {
  readonly #database: LibsqlDatabase
  readonly #kept = new Map<string, LibsqlStatement>()

  constructor(database: LibsqlDatabase) {
    this.#database = database
  }

  /** Prepares a statement, or lends the one that ran to its end before. */
  prepare(sql: string): LibsqlStatement {
    const kept = this.#kept.get(sql)
    // One that fails is not used again.
    this.#kept.delete(sql)
    return kept ?? this.#database.prepare(sql)
  }

  /** Keeps a statement that has just run to its end. */
  keep(sql: string, statement: LibsqlStatement): void {
    if (statement.reader) return
    if (this.#kept.size >= most) this.#kept.clear()
    this.#kept.set(sql, statement)
  }

  /** Forgets a statement, since another one with its text is newer. */
  forget(sql: string): void {
    this.#kept.delete(sql)
  }
}
