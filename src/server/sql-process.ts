import {type ChildProcess, fork} from 'node:child_process'
import {getCompileCacheDir} from 'node:module'
import {Outbox} from './outbox.ts'
import type {SqlAnswer} from './sql/answering.ts'
import type {FromSqlProcess, ToSqlProcess} from './sql/process.ts'

/** How often it is looked whether a process still answers. */
const watchMs = 500
/** How long a process may take to close what it has open. */
const closeMs = 1000

type Pending = {resolve: (answer: SqlAnswer | undefined) => void; reject: (error: Error) => void}

const ended = 'the process that ran the statement ended'

type Message = ToSqlProcess extends infer M ? (M extends {id: number} ? Omit<M, 'id'> : never) : never

/** One process that runs SQL: started when it is needed, ended when a statement does not end, started again. */
export class SqlProcess {
  readonly #script: string
  readonly #limitMs: number
  #child: ChildProcess | undefined
  readonly #outbox = new Outbox<ToSqlProcess>((messages) => this.#send(messages))
  #pending = new Map<number, Pending>()
  #lastId = 0
  #watch: NodeJS.Timeout | undefined
  /** When a ping was sent that has not come back. */
  #pingedAt: number | undefined
  #isStuck = false

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
    const child = fork(this.#script, [], {execArgv: ['--expose-gc'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: compileCache()})
    child.on('message', (messages: FromSqlProcess[]) => {
      for (const {id, answer} of messages) {
        this.#pending.get(id)?.resolve(answer)
        this.#pending.delete(id)
      }
    })
    child.on('exit', () => this.#onExit())
    // What was being written to it when it ended.
    child.on('error', () => undefined)
    this.#watch = setInterval(() => this.#checkHang(child), watchMs).unref()
    return child
  }

  /** What does not reach the process is answered here, or when it has ended. */
  #send(messages: ToSqlProcess[]): void {
    const child = this.#child
    // Not what was answered meanwhile because the process before this one ended.
    const waiting = messages.filter(({id}) => this.#pending.has(id))
    if (child?.connected) child.send(waiting, () => undefined)
    else for (const {id} of waiting) this.#fail(id, new Error(ended))
  }

  #fail(id: number, error: Error): void {
    this.#pending.get(id)?.reject(error)
    this.#pending.delete(id)
  }

  #onExit(): void {
    clearInterval(this.#watch)
    const reason = this.#isStuck ? `a statement ran for more than ${this.#limitMs / 1000} s and was ended` : ended
    for (const id of [...this.#pending.keys()]) this.#fail(id, new Error(reason))
    this.#isStuck = false
    this.#child = undefined
    this.#pingedAt = undefined
  }

  #checkHang(child: ChildProcess): void {
    if (this.#pingedAt !== undefined && performance.now() - this.#pingedAt > this.#limitMs) {
      this.#isStuck = true
      child.kill('SIGKILL')
    }
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

/** What it loads is compiled once, as for the process that starts it, and not each time. */
function compileCache(): Record<string, string> {
  const folder = getCompileCacheDir()
  return folder === undefined ? {} : {NODE_COMPILE_CACHE: folder}
}
