import type {SqlAnswer, SqlRequest} from './sql/answering.ts'
import {SqlProcess} from './sql-process.ts'

/** How long one statement may run before its process is ended. */
export const statementLimitMs = 30_000

/**
 * The processes that run SQL. The `libsql` package runs a statement on the event loop, from begin to end, and nothing but a
 * signal stops it: in a process of its own it holds up only the databases that share it, and can be ended. Each database has
 * one process, because its streams and its write lock live there.
 */
export class SqlProcesses {
  readonly #processes: SqlProcess[]
  /** The databases that had a request under way when a process ended: one of them may be why. */
  readonly #suspects = new Set<string>()

  /** `script` is `sql/process.ts`, or what it was built into. Processes start when they are needed. */
  constructor(script: string, count: number, limitMs: number) {
    this.#processes = Array.from({length: count}, () => new SqlProcess(script, limitMs))
  }

  async answer(request: SqlRequest): Promise<SqlAnswer> {
    const {database} = request.access
    try {
      const isCareful = this.#suspects.has(database)
      const answer = await this.#of(database).send({type: 'answer', request: {...request, isCareful}})
      if (answer) return answer
      throw new Error('no answer')
    } catch (error) {
      this.#suspects.add(database)
      return {status: 500, type: 'application/json', body: JSON.stringify({error: `Internal error: ${error instanceof Error ? error.message : error}`})}
    }
  }

  /** Closes everything that is open of a database. */
  async release(name: string): Promise<void> {
    const process = this.#of(name)
    if (process.isRunning) await process.send({type: 'release', name}).catch(() => undefined)
  }

  /** Ends all processes; what they have open is closed. */
  async close(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.close()))
  }

  #of(name: string): SqlProcess {
    let hash = 0
    for (let index = 0; index < name.length; index += 1) hash = (hash * 31 + name.charCodeAt(index)) >>> 0
    return this.#processes[hash % this.#processes.length] as SqlProcess
  }
}
