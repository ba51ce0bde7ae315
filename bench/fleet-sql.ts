import {type LibsqlDatabase, openLibsql} from '../src/server/sql/libsql.ts'
import {toStatementError} from '../src/server/sql/statement-error.ts'
import {toSqlValue, toWireValue, type WireValue} from '../src/server/sql/values.ts'

type Statement = {sql?: string; sql_id?: number; args?: WireValue[]}
type Condition = {type: 'ok'; step: number} | {type: 'not'; cond: Condition}
type Step = {stmt: Statement; condition?: Condition}
type Request =
  | {type: 'store_sql'; sql_id: number; sql: string}
  | {type: 'execute'; stmt: Statement}
  | {type: 'batch'; batch: {steps: Step[]}}
  | {type: 'close' | 'close_sql'}
type Result = {cols: unknown[]; rows: WireValue[][]; affected_row_count: number; last_insert_rowid: null}
type Failure = {message: string; code: string}

/**
 * Answers pipelines of SQL over HTTP with libSQL itself and as little else as there can be: what is measured is who asks.
 * Streams that outlive a request are not among it.
 */
export class FleetSql {
  readonly #open = new Map<string, LibsqlDatabase>()

  /** The JSON that answers a pipeline over a file. */
  answer(file: string, body: string): string {
    const database = this.#open.get(file) ?? openLibsql(file)
    this.#open.set(file, database)
    const {requests}: {requests: Request[]} = JSON.parse(body)
    const texts = new Map<number, string>()
    return JSON.stringify({baton: null, base_url: null, results: requests.map((request) => answerTo(database, texts, request))})
  }
}

function answerTo(database: LibsqlDatabase, texts: Map<number, string>, request: Request) {
  const ok = (result?: object) => ({type: 'ok', response: {type: request.type, ...(result && {result})}})
  if (request.type === 'store_sql') texts.set(request.sql_id, request.sql)
  if (request.type === 'batch') return ok(runBatch(database, texts, request.batch.steps))
  if (request.type !== 'execute') return ok()
  const {result, error} = run(database, texts, request.stmt)
  return error ? {type: 'error', error} : ok(result)
}

function runBatch(database: LibsqlDatabase, texts: Map<number, string>, steps: Step[]) {
  const results: (Result | null)[] = []
  const errors: (Failure | null)[] = []
  const holds = (condition: Condition): boolean => (condition.type === 'ok' ? !!results[condition.step] : !holds(condition.cond))
  for (const {stmt, condition} of steps) {
    const {result = null, error = null} = condition === undefined || holds(condition) ? run(database, texts, stmt) : {}
    results.push(result)
    errors.push(error)
  }
  return {step_results: results, step_errors: errors}
}

function run(
  database: LibsqlDatabase,
  texts: Map<number, string>,
  {sql_id, sql = texts.get(sql_id ?? 0) ?? '', args = []}: Statement,
): {result?: Result; error?: Failure} {
  try {
    const prepared = database.prepare(sql)
    const values = args.map(toSqlValue)
    if (!prepared.reader) return {result: {cols: [], rows: [], affected_row_count: prepared.run(values).changes, last_insert_rowid: null}}
    const rows = prepared.raw().all(values)
    const cols = prepared.columns().map(({name, type}) => ({name, decltype: type}))
    return {result: {cols, rows: rows.map((row) => row.map(toWireValue)), affected_row_count: 0, last_insert_rowid: null}}
  } catch (error) {
    const {message, code} = toStatementError(error, sql)
    return {error: {message, code}}
  }
}
