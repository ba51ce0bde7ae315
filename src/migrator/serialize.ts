import {types} from 'node:util'
import type {InValue} from '@libsql/client'
import type {Statement} from '../database/database.ts'

/** A text that differs wherever the statements or the types or values of their parameters do. */
export function serialize(statements: Statement[]): string {
  return JSON.stringify(statements.map(({sql, args}) => [sql, Object.values(args ?? []).map(serializeArgument)]))
}

function serializeArgument(value: InValue): [string, string] {
  if (value instanceof Uint8Array) return ['blob', Buffer.from(value).toString('hex')]
  if (types.isDate(value)) return ['date', value.toISOString()]
  return [value === null ? 'null' : typeof value, String(value)]
}
