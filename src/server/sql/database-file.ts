import {statSync} from 'node:fs'
import {Connection} from './connection.ts'
import {WriteLock} from './write-lock.ts'

const maxIdle = 8

/** One database's file with its open connections. */
export class DatabaseFile {
  readonly lock = new WriteLock()
  readonly #file: string
  readonly #inode: number
  #idle: Connection[] = []
  #isClosed = false
  #isCurrent = true
  #lookedAt = 0

  /** @throws if there is no such file */
  constructor(file: string) {
    this.#file = file
    this.#inode = statSync(file).ino
  }

  static exists(file: string): boolean {
    return statSync(file, {throwIfNoEntry: false})?.isFile() ?? false
  }

  /** Whether the file under the name is still the one that is open here: another process may have deleted it, and made another. */
  get isCurrent(): boolean {
    const now = performance.now()
    // Requests that come together are asked about once.
    if (now - this.#lookedAt > 1) this.#isCurrent = statSync(this.#file, {throwIfNoEntry: false})?.ino === this.#inode
    this.#lookedAt = now
    return this.#isCurrent
  }

  connect(sizeLimit: number | null): Connection {
    const connection = this.#idle.pop() ?? new Connection(this.#file)
    connection.limitSize(sizeLimit)
    return connection
  }

  /** Takes a connection back for the next stream, as if it were new. */
  giveBack(connection: Connection): void {
    connection.reset()
    if (this.#isClosed || !connection.isReusable || this.#idle.length >= maxIdle) connection.close()
    else this.#idle.push(connection)
  }

  /** Closes what is idle; what is in use closes when it is given back. */
  close(): void {
    this.#isClosed = true
    for (const connection of this.#idle) connection.close()
    this.#idle = []
  }

  /** Moves the write-ahead log into the file, as far as nobody is in the way: people copy the file alone. */
  foldLog(): void {
    if (!this.isCurrent) return
    try {
      this.#idle.at(-1)?.rows('PRAGMA wal_checkpoint(PASSIVE)')
    } catch {
      // Somebody is in the way.
    }
  }
}
