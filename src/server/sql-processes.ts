import {type ChildProcess, fork} from 'node:child_process'
import {Outbox} from './outbox.ts'
import type {SqlAnswer, SqlRequest} from './sql/answering.ts'
import type {FromSqlProcess, ToSqlProcess} from './sql/process.ts'

/** How long one statement may run before its process is ended. */
export const statementLimitMs = 30_000
/** How often it is looked whether a process still answers. */
const watchMs = 500
const closeMs = 1000

type Pending = {resolve: (answer: SqlAnswer | undefined) => void; reject: (error: Error) => void}

/**
 * The processes that run SQL. The `libsql` package runs a statement on the event loop, from begin to end, and nothing but a
 * signal stops it: in a process of its own it holds up only the databases that share it, and can be ended. Each database has
 * one process, because its streams and its write lock live there.
 */
export class SqlProcesses {
  readonly #processes: SqlProcess[]

  /** `script` is `sql/process.ts`, or what it was built into. Processes start when they are needed. */
  constructor(script: string, count: number, limitMs: number) {
    this.#processes = Array.from({length: count}, () => new SqlProcess(script, limitMs))
  }

  async answer(request: SqlRequest): Promise<SqlAnswer> {
    try {
      const answer = await this.#of(request.access.database).send({type: 'answer', request})
      if (answer) return answer
      throw new Error('no answer')
    } catch (error) {
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

type Message = ToSqlProcess extends infer M ? (M extends {id: number} ? Omit<M, 'id'> : never) : never

class SqlProcess {
  readonly #script: string
  readonly #limitMs: number
  #child: ChildProcess | undefined
  readonly #outbox = new Outbox<ToSqlProcess>((messages) => this.#child?.send(messages))
  #pending = new Map<number, Pending>()
  #lastId = 0
  #watch: NodeJS.Timeout | undefined
  /** When a ping was sent that has not come back. */
  #pingedAt: number | undefined

  constructor(script: string, limitMs: number) {
    this.#script = script
    this.#limitMs = limitMs
  }

  get isRunning(): boolean {
    return this.#child !== undefined
  }

  send(message: Message): Promise<SqlAnswer | undefined> {
    this.#child ??= this.#start()
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#pending.set(id, {resolve, reject})
      this.#outbox.add({id, ...message})
    })
  }

  async close(): Promise<void> {
    const child = this.#child
    if (!child) return
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.disconnect()
    const timer = setTimeout(() => child.kill('SIGKILL'), closeMs)
    await exited
    clearTimeout(timer)
  }

  #start(): ChildProcess {
    const child = fork(this.#script, [], {execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: {}})
    child.on('message', (messages: FromSqlProcess[]) => {
      for (const {id, answer} of messages) {
        this.#pending.get(id)?.resolve(answer)
        this.#pending.delete(id)
      }
    })
    child.on('exit', () => this.#onExit())
    this.#watch = setInterval(() => this.#checkHang(child), watchMs).unref()
    return child
  }

  #onExit(): void {
    clearInterval(this.#watch)
    const reason =
      this.#pingedAt === undefined ? 'the process that ran the statement ended' : `a statement ran for more than ${this.#limitMs / 1000} s and was ended`
    for (const {reject} of this.#pending.values()) reject(new Error(reason))
    this.#pending.clear()
    this.#child = undefined
    this.#pingedAt = undefined
  }

  #checkHang(child: ChildProcess): void {
    if (this.#pingedAt !== undefined && performance.now() - this.#pingedAt > this.#limitMs) child.kill('SIGKILL')
    if (this.#pending.size === 0 || this.#pingedAt !== undefined) return
    this.#pingedAt = performance.now()
    this.send({type: 'ping'}).then(
      () => {
        this.#pingedAt = undefined
      },
      () => undefined,
    )
  }
}
