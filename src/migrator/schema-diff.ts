import type {SchemaObject} from '../database/inspect.ts'
import {normalizeSql} from './sql.ts'

/** One object that is not as it should be: missing where `actual` is absent, too much where `expected` is. */
export type SchemaDifference = {type: string; name: string; expected?: string; actual?: string}

/** How a schema differs from the one that it should be; spelling (white space, comments, case, quotes) does not count. */
export function diffSchemas(expected: SchemaObject[], actual: SchemaObject[]): SchemaDifference[] {
  const keys = new Set([...expected, ...actual].map(keyOf))
  return [...keys].sort().flatMap((key) => {
    const should = expected.find((object) => keyOf(object) === key)
    const is = actual.find((object) => keyOf(object) === key)
    if (should && is && normalizeSql(should.sql) === normalizeSql(is.sql)) return []
    const {type, name} = (should ?? is) as SchemaObject
    return [{type, name, ...(should && {expected: should.sql}), ...(is && {actual: is.sql})}]
  })
}

const keyOf = ({type, name}: SchemaObject) => `${type} ${name.toLowerCase()}`

/** A difference in one line, for people. */
export function describeDifference({type, name, expected, actual}: SchemaDifference): string {
  if (actual === undefined) return `${type} ${name} is missing`
  if (expected === undefined) return `${type} ${name} is not known to the migrations`
  return `${type} ${name} is ${normalizeSql(actual)} instead of ${normalizeSql(expected)}`
}

export const formatDifferences = (differences: SchemaDifference[]): string => differences.map(describeDifference).join('\n')
