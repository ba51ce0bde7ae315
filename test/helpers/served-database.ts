import {type SqlAnswer, SqlAnswering} from '../../src/server/sql/answering.ts'
import {openLibsql} from '../../src/server/sql/libsql.ts'

/** One libSQL file behind SQL over HTTP, for tests in which the answers or the connection fail. */
export class ServedDatabase {
  readonly #file: string
  readonly #answering = new SqlAnswering()
  /** What every write is answered with, as where a quota is spent. */
  blocked: {code: string; message: string} | undefined

  constructor(file: string) {
    this.#file = file
    const database = openLibsql(file)
    database.prepare('PRAGMA journal_mode = WAL').all([])
    database.close()
  }

  /** Answers the body of a pipeline request. */
  async answer(body: string): Promise<SqlAnswer> {
    const access = {database: 'served', token: '', isReadOnly: false, permissions: undefined, blockReads: false, sizeLimit: null, isCloud: false}
    const answer = await this.#answering.answer({
      file: this.#file,
      kind: 'pipeline',
      version: 2,
      body,
      access: {...access, blockWrites: this.blocked !== undefined},
    })
    if (!this.blocked) return answer
    return {...answer, body: answer.body.replaceAll(/\{"message":"Operation was blocked[^}]*\}/g, JSON.stringify(this.blocked))}
  }

  /** Ends every transaction that waits for its next statement, as a server does after seconds. */
  expireStreams(): void {
    this.#answering.release()
  }

  /** Writes a copy of it, as it is now. */
  copyTo(file: string): void {
    const database = openLibsql(this.#file)
    try {
      database.prepare('VACUUM INTO ?').all([file])
    } finally {
      database.close()
    }
  }

  /** Whether somebody holds the write lock. */
  get isLocked(): boolean {
    const database = openLibsql(this.#file)
    try {
      database.exec('BEGIN IMMEDIATE; ROLLBACK')
      return false
    } catch {
      return true
    } finally {
      database.close()
    }
  }

  /** The rows of a query, as objects; integers are numbers. */
  rows(sql: string): unknown[] {
    const database = openLibsql(this.#file)
    try {
      return database.prepare(sql).safeIntegers(false).all([])
    } finally {
      database.close()
    }
  }
}
