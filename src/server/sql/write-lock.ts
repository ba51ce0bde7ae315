import {isSqliteError} from './statement-error.ts'

/** How long a transaction keeps the write lock once somebody else wants it; also how long anybody waits for it. As in sqld. */
export const transactionTimeoutMs = 5000
/** How often a lock that another process holds is tried. */
const retryMs = 10

/** Who may hold the write lock of a database: a stream. */
export type LockHolder = {
  readonly inTransaction: boolean
  /** Ends its transaction; its next statement gets TRANSACTION_TIMEOUT. */
  timeOut(): void
}

/**
 * The write lock of one database. SQLite keeps it; here is who of our streams has it, since when, and who waits. A transaction
 * that is older than five seconds loses it to the next one that wants to write, and to nobody else.
 */
export class WriteLock {
  #holder: LockHolder | undefined
  #since = 0
  #released = Promise.withResolvers<void>()

  /** Notes after each statement of a stream whether it has the lock now. */
  note(stream: LockHolder, mayHaveWritten: boolean): void {
    if (!stream.inTransaction) this.release(stream)
    else if (mayHaveWritten && this.#holder === undefined) {
      this.#holder = stream
      this.#since = performance.now()
    }
  }

  release(stream: LockHolder): void {
    if (this.#holder !== stream) return
    this.#holder = undefined
    this.#released.resolve()
    this.#released = Promise.withResolvers()
  }

  /**
   * Runs `attempt`, again and again while the database is locked.
   *
   * @throws SQLite's SQLITE_BUSY where another process does not let go in time
   */
  async acquire<T>(stream: LockHolder, attempt: () => T): Promise<T> {
    const deadline = performance.now() + transactionTimeoutMs
    for (;;) {
      try {
        return attempt()
      } catch (error) {
        if (!canWait(error) || this.#holder === stream) throw error
        if (this.#holder === undefined && performance.now() >= deadline) throw error
      }
      await this.#wait()
    }
  }

  async #wait(): Promise<void> {
    const holder = this.#holder
    if (holder === undefined) return sleep(retryMs)
    const remaining = this.#since + transactionTimeoutMs - performance.now()
    if (remaining > 0) await Promise.race([this.#released.promise, sleep(remaining)])
    else {
      holder.timeOut()
      this.release(holder)
    }
  }
}

/** SQLITE_BUSY_SNAPSHOT: somebody wrote since this transaction began to read, and waiting changes nothing. */
const busySnapshot = 517

const canWait = (error: unknown) => isSqliteError(error) && (error.rawCode & 0xff) === 5 && error.rawCode !== busySnapshot

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
