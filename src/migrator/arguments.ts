import {types} from 'node:util'
import type {InValue} from '@libsql/client'

/** sqld's `--max-row-size`, by default, in bytes. */
const maxValueBytes = 5_000_000
/** SQLite's SQLITE_MAX_VARIABLE_NUMBER. */
const maxParameters = 32_766

/**
 * A statement's parameters as values of SQLite that every libSQL server takes.
 *
 * @param refuse throws the error for what is none of them
 */
export function toArguments(parameters: readonly unknown[], refuse: (reason: string, suggestion: string) => never): InValue[] {
  if (parameters.length > maxParameters) {
    refuse(
      `${parameters.length.toLocaleString('en')} parameters, where SQLite takes ${maxParameters.toLocaleString('en')}`,
      'Split it into several statements.',
    )
  }
  return parameters.map((parameter) => {
    if (!isValue(parameter)) {
      return refuse(`a parameter that is no value of SQLite (${describe(parameter)})`, 'Use null, text, finite numbers, dates or bytes.')
    }
    const bytes = bytesOf(parameter)
    if (bytes <= maxValueBytes) return copyOf(parameter)
    return refuse(`a value of ${bytes.toLocaleString('en')} bytes, where a server takes 5,000,000`, 'Store it in several rows.')
  })
}

function isValue(value: unknown): value is InValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || value instanceof Uint8Array) return true
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value
  return Number.isFinite(types.isDate(value) ? value.getTime() : value)
}

/** As it is now: what is executed later must not change with a buffer or a date that the migration goes on using. */
function copyOf(value: InValue): InValue {
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  return types.isDate(value) ? new Date(value.getTime()) : value
}

function bytesOf(value: InValue): number {
  if (typeof value === 'string') return value.length * 3 > maxValueBytes ? Buffer.byteLength(value) : 0
  return value instanceof Uint8Array ? value.byteLength : 0
}

const describe = (value: unknown) =>
  typeof value === 'number' || typeof value === 'bigint' ? String(value) : types.isDate(value) ? 'an invalid date' : typeof value
