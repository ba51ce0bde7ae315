import {randomUUID} from 'node:crypto'
import {DatabaseSync, type SQLInputValue} from 'node:sqlite'
import {setImmediate} from 'node:timers/promises'

type Json = Record<string, unknown>
type Value = {type: string; value?: unknown; base64?: string}
type Statement = {sql?: string; sql_id?: number; args?: Value[]}
type Condition = {type: string; step?: number; cond?: Condition; conds?: Condition[]}
type StreamRequest = {type: string; sql?: string; sql_id?: number; stmt?: Statement; batch?: {steps: {condition?: Condition; stmt: Statement}[]}}

/** One database behind SQL over HTTP, version 2, with as much of the protocol as `@libsql/client` sends. Its streams share one connection. */
export class Hrana {
  readonly database = new DatabaseSync(':memory:')
  readonly #streams = new Map<string, Map<number, string>>()
  /** What every write is answered with, as where a quota is spent. */
  blocked: {code: string; message: string} | undefined

  /** The baton of the stream that is in a transaction. */
  #holder: string | null = null

  async answer({baton = null, requests}: {baton?: string | null; requests: StreamRequest[]}): Promise<Json> {
    await this.#othersDone(baton)
    const sqls = (baton && this.#streams.get(baton)) || new Map<number, string>()
    if (baton) this.#streams.delete(baton)
    const results = requests.map((request) => this.#result(request, sqls))
    const isClosed = requests.some(({type}) => type === 'close')
    if (isClosed && this.database.isTransaction) this.database.exec('ROLLBACK')
    const next = isClosed ? null : randomUUID()
    if (next) this.#streams.set(next, sqls)
    this.#holder = this.database.isTransaction ? next : null
    return {baton: next, base_url: null, results}
  }

  /** A stream waits while another one is in a transaction, and after a second it takes the lock. */
  async #othersDone(baton: string | null): Promise<void> {
    const deadline = performance.now() + 1000
    while (this.database.isTransaction && this.#holder !== baton && performance.now() < deadline) await setImmediate()
    if (this.database.isTransaction && this.#holder !== baton) this.database.exec('ROLLBACK')
  }

  #result({type, sql, sql_id, stmt, batch}: StreamRequest, sqls: Map<number, string>): Json {
    try {
      if (type === 'store_sql') sqls.set(sql_id ?? 0, sql ?? '')
      if (type === 'execute') return {type: 'ok', response: {type, result: this.#execute(stmt ?? {}, sqls)}}
      if (type === 'batch') return {type: 'ok', response: {type, result: this.#batch(batch?.steps ?? [], sqls)}}
      return {type: 'ok', response: {type}}
    } catch (error) {
      return {type: 'error', error: toError(error)}
    }
  }

  #batch(steps: {condition?: Condition; stmt: Statement}[], sqls: Map<number, string>): Json {
    const step_results: unknown[] = []
    const step_errors: unknown[] = []
    const holds = (condition: Condition | undefined): boolean => {
      if (!condition) return true
      const {type, step = 0, cond, conds = []} = condition
      if (type === 'ok') return step_results[step] != null
      if (type === 'error') return step_errors[step] != null
      if (type === 'not') return !holds(cond)
      return type === 'and' ? conds.every(holds) : conds.some(holds)
    }
    for (const {condition, stmt} of steps) {
      const index = step_results.length
      step_results[index] = null
      step_errors[index] = null
      if (!holds(condition)) continue
      try {
        step_results[index] = this.#execute(stmt, sqls)
      } catch (error) {
        step_errors[index] = toError(error)
      }
    }
    return {step_results, step_errors}
  }

  #execute({sql, sql_id, args = []}: Statement, sqls: Map<number, string>): Json {
    const text = (sql ?? sqls.get(sql_id ?? 0) ?? '').replace('BEGIN TRANSACTION READONLY', 'BEGIN')
    if (this.blocked && !/^\s*(SELECT|BEGIN|COMMIT|ROLLBACK)/i.test(text)) throw Object.assign(new Error(this.blocked.message), this.blocked)
    const statement = this.database.prepare(text)
    statement.setReadBigInts(true)
    statement.setReturnArrays(true)
    const cols = statement.columns().map(({name, type}) => ({name, decltype: type}))
    const rows = statement.all(...args.map(fromValue)) as unknown as unknown[][]
    return {cols, rows: rows.map((row) => row.map(toValue)), affected_row_count: 0, last_insert_rowid: null}
  }
}

function toError(error: unknown): Json {
  const {message, code} = error as {message: string; code?: string}
  if (code && !code.startsWith('ERR_')) return {message, code}
  const known = [
    [/constraint failed/, 'SQLITE_CONSTRAINT'],
    [/no such table/, 'SQLITE_UNKNOWN'],
  ] as const
  return {message: `SQLite error: ${message}`, code: known.find(([pattern]) => pattern.test(message))?.[1] ?? 'SQL_INPUT_ERROR'}
}

function fromValue({type, value, base64}: Value): SQLInputValue {
  if (type === 'null') return null
  if (type === 'integer') return BigInt(String(value))
  if (type === 'blob') return Buffer.from(base64 ?? '', 'base64')
  return type === 'float' ? Number(value) : String(value)
}

function toValue(value: unknown): Value {
  if (value === null) return {type: 'null'}
  if (typeof value === 'bigint') return {type: 'integer', value: String(value)}
  if (typeof value === 'number') return {type: 'float', value}
  return value instanceof Uint8Array ? {type: 'blob', base64: Buffer.from(value).toString('base64')} : {type: 'text', value: String(value)}
}
