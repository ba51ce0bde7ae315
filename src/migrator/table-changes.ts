import type {Source} from './select-source.ts'
import {type Column, columnsOf} from './table-columns.ts'
import {lostOf, type Origin, originsIn, type Table, type Tables} from './table-data.ts'
import type {TableStatement} from './table-statement.ts'

type Statement<Does extends TableStatement['does']> = Extract<TableStatement, {does: Does}>

/**
 * Changes the tables as a statement would, and says what is lost by it; undefined where that is nothing.
 *
 * @param partly gathers the values of which only some rows were copied
 */
export function applyTo(tables: Tables, statement: TableStatement, partly: Set<Origin>): string | undefined {
  const table = tables.get(statement.table)
  if (statement.does === 'create') return table ? undefined : create(tables, statement, partly)
  if (!table) return ofUnknown(statement)
  switch (statement.does) {
    case 'drop':
      return drop(tables, table, statement, partly)
    case 'rename':
      tables.delete(statement.table)
      tables.set(statement.to, table)
      return undefined
    case 'add column':
      table.columns = [...table.columns, ...statement.columns]
      return undefined
    case 'drop column':
      return dropColumn(tables, table, statement)
    case 'rename column':
      return renameColumn(table, statement)
    case 'insert':
      if (statement.source) copy(tables, table, statement.columns, statement.source, partly)
      return statement.replacesRows ? replaceRows(tables, table, statement) : undefined
    case 'update':
      if (!statement.isQualified) return update(tables, table, statement)
      return statement.replacesRows ? replaceRows(tables, table, statement) : undefined
    case 'delete':
      return statement.isQualified ? undefined : empty(tables, table, statement)
  }
}

/** A view, whose triggers may do anything; SQLite's own tables hold nothing of the strategy's. */
function ofUnknown(statement: Exclude<TableStatement, {does: 'create'}>): string | undefined {
  if (statement.table.startsWith('sqlite_')) return undefined
  if (statement.does === 'update' && !statement.isQualified) return `overwrites every row of ${statement.table}`
  return statement.does === 'delete' && !statement.isQualified ? `deletes every row of ${statement.table}` : undefined
}

function create(tables: Tables, {table: name, columns, source}: Statement<'create'>, partly: Set<Origin>): undefined {
  const table: Table = {columns: source ? resultColumns(tables, source) : columns, values: new Map()}
  tables.set(name, table)
  if (source) copy(tables, table, undefined, source, partly)
}

const resultColumns = (tables: Tables, {table, results}: Source): Column[] =>
  results.flatMap((result) => (result === '*' ? columnsOf(tables.get(table)) : [result.name ?? ''])).map((name) => ({name, isGenerated: false}))

function copy(tables: Tables, target: Table, into: string[] | undefined, {table, results, isWhole}: Source, partly: Set<Origin>): void {
  const source = tables.get(table)
  const names = into ?? target.columns.filter(({isGenerated}) => !isGenerated).map(({name}) => name)
  const columns = results.flatMap((result) => (result === '*' ? columnsOf(source) : [result.column ?? '']))
  for (const [index, name] of names.entries()) {
    const origins = source?.values.get(columns[index] ?? '') ?? []
    if (isWhole) target.values.set(name, new Set([...(target.values.get(name) ?? []), ...origins]))
    else for (const origin of origins) partly.add(origin)
  }
}

function drop(tables: Tables, table: Table, {table: name}: Statement<'drop'>, partly: Set<Origin>): string | undefined {
  tables.delete(name)
  const all = originsIn(table)
  const lost = lostOf(all, tables)
  if (lost.length === 0) return undefined
  if (lost.some((origin) => partly.has(origin))) return `drops the table ${name}, of which not every row is copied`
  return lost.length === all.length ? `drops the table ${name}` : `drops the table ${name}, of which ${theColumns(lost)} not copied`
}

const theColumns = (lost: Origin[]) => `${columnList(lost.map(({column}) => column))} ${lost.length === 1 ? 'is' : 'are'}`

const columnList = (names: string[]) => `the column${names.length === 1 ? '' : 's'} ${names.join(', ')}`

function dropColumn(tables: Tables, table: Table, {table: name, column}: Statement<'drop column'>): string | undefined {
  const origins = [...(table.values.get(column) ?? [])]
  table.columns = table.columns.filter((each) => each.name !== column)
  table.values.delete(column)
  return lostOf(origins, tables).length > 0 ? `drops the column ${column} of ${name}` : undefined
}

function renameColumn(table: Table, {column, to}: Statement<'rename column'>): undefined {
  const origins = table.values.get(column)
  table.columns = table.columns.map((each) => (each.name === column ? {...each, name: to} : each))
  table.values.delete(column)
  if (origins) table.values.set(to, origins)
}

function update(tables: Tables, table: Table, {table: name, sets}: Statement<'update'>): string | undefined {
  const before = sets.map(({column, from}) => ({column, origins: [...(table.values.get(column) ?? [])], next: new Set(table.values.get(from ?? ''))}))
  for (const {column, next} of before) table.values.set(column, next)
  const overwritten = before.filter(({origins}) => lostOf(origins, tables).length > 0).map(({column}) => column)
  return overwritten.length > 0 ? `overwrites ${columnList(overwritten)} in every row of ${name}` : undefined
}

function empty(tables: Tables, table: Table, {table: name}: Statement<'delete'>): string | undefined {
  const origins = originsIn(table)
  table.values.clear()
  return lostOf(origins, tables).length > 0 ? `deletes every row of ${name}` : undefined
}

/** Which rows are in the way, the SQL does not say, and of those the columns that it does not name are lost, too. */
function replaceRows(tables: Tables, table: Table, {table: name}: Statement<'insert' | 'update'>): string | undefined {
  const others = new Map([...tables].filter(([, other]) => other !== table))
  if (lostOf(originsIn(table), others).length > 0) return `replaces the rows of ${name} that are in its way`
  table.values.clear()
  return undefined
}
