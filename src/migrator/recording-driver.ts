import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type {Statement} from '../database/database.ts'

/** Says what a query is answered with. */
type Recorder = (query: CompiledQuery) => QueryResult<never> | Promise<QueryResult<never>>

/**
 * A Kysely that has no database: each query goes to `record`, which says what was answered. Transactions inside a
 * migration are flattened, since the whole migration is one; what such a transaction rolls back is taken out of `statements`.
 */
export function recordingKysely(statements: Statement[], record: Recorder): Kysely<unknown> {
  return new Kysely<unknown>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new RecordingDriver(statements, record),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })
}

class RecordingDriver implements Driver {
  readonly #statements: Statement[]
  readonly #connection: DatabaseConnection
  #transactionStart = 0
  readonly #savepoints = new Map<string, number>()

  constructor(statements: Statement[], record: Recorder) {
    this.#statements = statements
    this.#connection = {
      executeQuery: async (query) => record(query),
      async *streamQuery(query) {
        yield await record(query)
      },
    }
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection
  }

  async beginTransaction(): Promise<void> {
    this.#transactionStart = this.#statements.length
  }

  async commitTransaction(): Promise<void> {}

  async rollbackTransaction(): Promise<void> {
    this.#statements.length = this.#transactionStart
  }

  async savepoint(_: DatabaseConnection, name: string): Promise<void> {
    this.#savepoints.set(name, this.#statements.length)
  }

  async rollbackToSavepoint(_: DatabaseConnection, name: string): Promise<void> {
    this.#statements.length = this.#savepoints.get(name) ?? this.#statements.length
  }

  async releaseSavepoint(): Promise<void> {}

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}
}
