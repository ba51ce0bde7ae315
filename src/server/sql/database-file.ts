import {statSync} from 'node:fs'
import {Connection} from './connection.ts'
import {WriteLock} from './write-lock.ts'

const maxIdle = 8
/** How long after a request its writes are in the file itself. */
const foldMs = 500

let closed = 0
/** How many connections are closed between two collections. */
const closedAtMost = 32

/** The libsql package lets go of a connection's file and memory when its statements are collected, and they look small to the collector. */
function closeForGood(connection: Connection): void {
  connection.close()
  closed += 1
  if (closed % closedAtMost === 0) setImmediate(() => globalThis.gc?.())
}

/** One database's file with its open connections. */
export class DatabaseFile {
  readonly lock = new WriteLock()
  /** Whether it may hold text that is not UTF-8, at which the libsql package ends the process. */
  isCareful = false
  readonly #file: string
  readonly #inode: number
  #idle: Connection[] = []
  #isClosed = false
  #isCurrent = true
  #lookedAt = 0
  #foldTimer: NodeJS.Timeout | undefined

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
    connection.isCareful = this.isCareful
    connection.limitSize(sizeLimit)
    return connection
  }

  /** Takes a connection back for the next stream, as if it were new. */
  giveBack(connection: Connection): void {
    connection.reset()
    this.#foldTimer ??= setTimeout(() => this.#foldSoon(), foldMs).unref()
    if (this.#isClosed || !connection.isReusable || this.#idle.length >= maxIdle) closeForGood(connection)
    else this.#idle.push(connection)
  }

  /** Closes what is idle; what is in use closes when it is given back. */
  close(): void {
    this.#isClosed = true
    for (const connection of this.#idle) closeForGood(connection)
    this.#idle = []
  }

  #foldSoon(): void {
    this.#foldTimer = undefined
    this.foldLog()
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
