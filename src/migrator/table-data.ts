import type {SchemaObject} from '../database/inspect.ts'
import type {Column} from './table-columns.ts'
import {tableStatementOf} from './table-statement.ts'

/** The values that a column had before anything was executed. */
export type Origin = {readonly table: string; readonly column: string}

export type Table = {
  columns: Column[]
  /** Whose values are in each column, of all rows. */
  values: Map<string, Set<Origin>>
}

/** The tables of a database by their names, as statements change them. */
export type Tables = Map<string, Table>

/** The tables of a schema, each column with its own values. */
export function tablesOf(schema: SchemaObject[]): Tables {
  return new Map(schema.filter(({type}) => type === 'table').flatMap(({sql}) => tableOf(sql)))
}

function tableOf(sql: string): [string, Table][] {
  const created = tableStatementOf(sql)
  if (created?.does !== 'create') return []
  const {table, columns} = created
  const own = columns.filter(({isGenerated}) => !isGenerated)
  return [[table, {columns, values: new Map(own.map(({name}) => [name, new Set([{table, column: name}])]))}]]
}

/** Everything that the columns of a table hold of what was there before. */
export const originsIn = (table: Table): Origin[] => [...table.values.values()].flatMap((origins) => [...origins])

/** Those of these values that no table holds. */
export function lostOf(origins: Origin[], tables: Tables): Origin[] {
  const held = new Set([...tables.values()].flatMap(originsIn))
  return origins.filter((origin) => !held.has(origin))
}
