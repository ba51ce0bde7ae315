import type {InValue, ResultSet, Row, Value} from '@libsql/client'
import type {RowCounts, Statement} from './database.ts'

// Hrana 2 over HTTP, as libSQL's own client speaks it: https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_2_SPEC.md

type WireValue =
  | {type: 'null'}
  | {type: 'integer'; value: string}
  | {type: 'float'; value: number}
  | {type: 'text'; value: string}
  | {type: 'blob'; base64: string}

type WireStatement = {sql: string; args: WireValue[]; named_args: {name: string; value: WireValue}[]; want_rows: boolean}

/** A step of a batch, and whether it depends on another one's being done, or not. */
export type WireStep = {stmt: WireStatement; condition?: {type: 'ok'; step: number} | {type: 'not'; cond: {type: 'ok'; step: number}}}

type WireError = {message: string; code?: string}

type WireResult = {
  cols: {name: string | null; decltype?: string | null}[]
  rows: WireValue[][]
  affected_row_count: number
  last_insert_rowid: string | null
  rows_read?: number
  rows_written?: number
}

/** What became of each step: a result, an error, or neither, where it was not done. */
export type BatchResult = {step_results: (WireResult | null)[]; step_errors: (WireError | null)[]}

/** The answer to a pipeline; `baton` and `base_url` say how its stream goes on. */
export type WireAnswer = {
  baton?: string | null
  base_url?: string | null
  results: ({type: 'ok'; response?: {result?: BatchResult}} | {type: 'error'; error: WireError})[]
}

/** Puts a statement as the protocol has it. Numbers go as floats, as libSQL's client sends them. */
export function toWireStatement({sql, args = []}: Statement): WireStatement {
  if (Array.isArray(args)) return {sql, args: args.map(toWireValue), named_args: [], want_rows: true}
  return {sql, args: [], named_args: Object.entries(args).map(([name, value]) => ({name, value: toWireValue(value)})), want_rows: true}
}

function toWireValue(value: InValue): WireValue {
  if (value === null) return {type: 'null'}
  if (typeof value === 'string') return {type: 'text', value}
  if (typeof value === 'bigint' || typeof value === 'boolean') return {type: 'integer', value: String(BigInt(value))}
  if (value instanceof ArrayBuffer) return toBlob(new Uint8Array(value))
  return ArrayBuffer.isView(value) ? toBlob(value) : {type: 'float', value: Number(value)}
}

const toBlob = (bytes: Uint8Array): WireValue => ({type: 'blob', base64: Buffer.from(bytes).toString('base64').replace(/=+$/, '')})

/** A statement's result as libSQL's client gives it. */
export function toResultSet({cols, rows, affected_row_count, last_insert_rowid}: WireResult): ResultSet {
  const columns = cols.map(({name}) => name ?? '')
  return {
    columns,
    columnTypes: cols.map(({decltype}) => decltype ?? ''),
    rows: rows.map((row) => toRow(columns, row.map(toValue))),
    rowsAffected: affected_row_count,
    lastInsertRowid: last_insert_rowid === null ? undefined : BigInt(last_insert_rowid),
    toJSON: () => ({columns, rows}),
  }
}

/** Values are found by column and, not enumerably, by index; of columns with one name the first counts. */
function toRow(columns: string[], values: Value[]): Row {
  const row: Row = Object.defineProperty({length: values.length}, 'length', {enumerable: false})
  for (const [index, value] of values.entries()) {
    const column = columns[index] ?? ''
    Object.defineProperty(row, index, {value})
    if (!Object.hasOwn(row, column)) Object.defineProperty(row, column, {value, enumerable: true, configurable: true, writable: true})
  }
  return row
}

/** @throws RangeError where an integer is too large for a number, as libSQL's client does */
function toValue(value: WireValue): Value {
  if (value.type === 'null') return null
  if (value.type === 'blob') return new Uint8Array(Buffer.from(value.base64, 'base64')).buffer
  if (value.type !== 'integer') return value.value
  if (Number.isSafeInteger(Number(value.value))) return Number(value.value)
  throw new RangeError(`The integer ${value.value} is too large to be read as a number`)
}

/** Adds what the statements of an answer have read and written by their server's count; one that does not count adds nothing. */
export function countRows(counts: RowCounts, {results}: WireAnswer): void {
  for (const result of results) {
    const steps = result.type === 'ok' ? result.response?.result?.step_results : undefined
    for (const step of Array.isArray(steps) ? steps : []) {
      counts.read += step?.rows_read ?? 0
      counts.written += step?.rows_written ?? 0
    }
  }
}
