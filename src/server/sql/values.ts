import {StatementError} from './statement-error.ts'

/** A value on the wire, as Hrana writes it: an integer is a string of digits, a blob base64 without padding. */
export type WireValue =
  | {type: 'null'}
  | {type: 'integer'; value: string}
  | {type: 'float'; value: number | null}
  | {type: 'text'; value: string}
  | {type: 'blob'; base64: string}

/** A value as the `libsql` package binds and returns it, with safe integers on: a bigint is an integer, a number a float. */
export type SqlValue = null | bigint | number | string | Buffer

/** sqld's `--max-row-size`, by default: no value and no row may be longer, in bytes. */
export const maxValueBytes = 5_000_000

export function toSqlValue(value: WireValue): SqlValue {
  switch (value.type) {
    case 'null':
      return null
    case 'integer':
      return BigInt(value.value)
    case 'float':
      return value.value
    case 'text':
      return checkedLength(value.value, value.value.length * 3 > maxValueBytes ? Buffer.byteLength(value.value) : 0)
    case 'blob': {
      const bytes = Buffer.from(value.base64, 'base64')
      return checkedLength(bytes, bytes.length)
    }
  }
}

function checkedLength<T>(value: T, bytes: number): T {
  if (bytes <= maxValueBytes) return value
  throw new StatementError('ARGS_INVALID', 'Arguments do not match SQL parameters: string or blob too big')
}

/** Infinity comes as a float without a value: JSON has no word for it (recorded of sqld). */
export function toWireValue(value: SqlValue): WireValue {
  if (value === null || value === undefined) return {type: 'null'}
  switch (typeof value) {
    case 'bigint':
      return {type: 'integer', value: String(value)}
    case 'number':
      return {type: 'float', value: Number.isFinite(value) ? floatJson(value) : null}
    case 'string':
      return {type: 'text', value}
    default:
      return {type: 'blob', base64: value.toString('base64').replace(/=+$/, '')}
  }
}

declare global {
  interface JSON {
    /** ECMAScript's, which Node has from 22 on. */
    rawJSON(text: string): unknown
  }
}

/** As the real server writes a float: with a point, by which a reader tells it from an integer; JSON.stringify takes it as it stands. */
function floatJson(value: number): number {
  const text = Object.is(value, -0) ? '-0' : String(value)
  return /^-?\d+$/.test(text) ? (JSON.rawJSON(`${text}.0`) as unknown as number) : value
}

/** How many bytes a value has; a number counts as eight. */
export function sizeOf(value: SqlValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  return Buffer.isBuffer(value) ? value.length : 8
}
