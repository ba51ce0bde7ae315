import type {SchemaObject} from '../database/inspect.ts'
import {type DiffLine, diffLines} from './diff-lines.ts'
import {normalizeSql} from './sql.ts'
import {printable, sqlLines} from './sql-lines.ts'

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

/** How many lines that agree are shown on each side of one that does not. */
const contextLines = 2

/** Differences for people, each with its own paragraph: what is expected and missing in lines with `-`, what is there instead with `+`. */
export function formatDifferences(differences: SchemaDifference[]): string {
  return differences.map(formatDifference).join('\n\n')
}

function formatDifference({type, name, expected, actual}: SchemaDifference): string {
  const reason = actual === undefined ? 'is missing' : expected === undefined ? 'is not known to the migrations' : 'differs'
  const lines = diffLines(expected === undefined ? [] : sqlLines(expected), actual === undefined ? [] : sqlLines(actual))
  return [`${type} ${printable(name)} ${reason}:`, ...inContext(lines)].join('\n')
}

/** The lines that differ and those around them; `…` stands for the others. */
function inContext(lines: DiffLine[]): string[] {
  const isShown = (at: number) => lines.slice(Math.max(0, at - contextLines), at + contextLines + 1).some(({sign}) => sign !== ' ')
  return lines.flatMap(({sign, text}, at) => {
    if (isShown(at)) return [`  ${sign} ${text}`]
    return at === 0 || isShown(at - 1) ? ['    …'] : []
  })
}
