import type {Statement} from '../database/database.ts'
import type {SchemaObject} from '../database/inspect.ts'
import {applyTo} from './table-changes.ts'
import {columnsOf} from './table-columns.ts'
import {type Origin, originsIn, type Tables, tablesOf} from './table-data.ts'
import {tableStatementOf} from './table-statement.ts'

/** What people should know about statements before they run. */
export type Hazards = {
  /** The tables that are made anew in the place of the old one. */
  rebuilds: string[]
  /** The statements that take away what was there before, by their index. */
  destructive: {statement: number; reason: string}[]
  /** What stays, but no longer under the name by which bots know it. */
  renamed: string[]
}

/**
 * Finds out, without a database, what statements would do to the data of a database with this schema. It follows every
 * column's values through copies and renames: they are lost where the last table that has them is dropped or overwritten.
 * An UPDATE or DELETE with a WHERE that mentions a column is meant to change just those rows, and is no hazard.
 */
export function hazardsOf(statements: Statement[], schema: SchemaObject[]): Hazards {
  const tables = tablesOf(schema)
  const before = new Map([...tables].map(([name, table]) => [name, {table, columns: columnsOf(table)}]))
  const partly = new Set<Origin>()
  const destructive = statements.flatMap(({sql}, statement) => {
    const found = tableStatementOf(sql)
    const reason = found && applyTo(tables, found, partly)
    return reason === undefined ? [] : [{statement, reason}]
  })
  const rebuilds = [...before].filter(([name, {table}]) => tables.has(name) && tables.get(name) !== table).map(([name]) => name)
  return {rebuilds, destructive, renamed: [...before].flatMap(([name, {columns}]) => renamedOf(name, columns, tables))}
}

/** The table or its columns whose values are still there, but not under their names. */
function renamedOf(name: string, columns: string[], tables: Tables): string[] {
  const carried = [...tables.values()].flatMap(originsIn)
  const isKept = (column: string) => carried.some((origin) => origin.table === name && origin.column === column)
  const now = tables.get(name)
  if (!now) return columns.some(isKept) ? [name] : []
  return columns.filter((column) => isKept(column) && !columnsOf(now).includes(column)).map((column) => `${name}.${column}`)
}
