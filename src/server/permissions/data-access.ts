import {foldCase} from '../../database/sql/tokens.ts'
import type {PermissionAction} from '../../platform/platform.ts'
import {isReadingPragma} from './pragmas.ts'
import {onAllTables, onAnyTable, onTable, type Requirement} from './requirement.ts'
import type {SchemaFacts} from './schema-facts.ts'

/** One call of SQLite's authorizer: the action's code, its two arguments, and the innermost trigger or view. */
export type Access = {action: number; first: string; second: string | null; context: string | null}

/** What holds for the whole statement that an access is part of; every name is folded. */
export type Statement = {
  verb: string
  /** Whether the statement itself replaces rows, and whether a trigger that it fires does. */
  replaces: boolean
  triggersReplace: boolean
  /** The tables and views that it drops. */
  dropped: Set<string>
  facts: SchemaFacts
}

/** Either what a statement needs, or why no token with permissions may run it. */
export type Verdict = Requirement[] | {refused: string}

/** What reading a column needs; its name is empty where a table is read without any of its columns (`SELECT count(*)`). */
export function dataRead({first: table, second: column}: Access, statement: Statement): Verdict {
  const name = foldCase(table)
  const {facts} = statement
  if (isImplied(name, statement)) return []
  if (name === 'sqlite_master') return [onAnyTable(['data_read'], 'the schema')]
  if (facts.virtualTables.has(name)) return [onAllTables('data_read', `${table} is a virtual table`)]
  if (facts.tables.has(name) || name.startsWith('sqlite_'))
    return [onTable('data_read', table, column ? `access to ${table}.${column} is prohibited` : undefined)]
  if (name === 'json_each' || name === 'json_tree') return []
  if (name.startsWith('pragma_')) return isReadingPragma(name.slice('pragma_'.length), null) ? [] : {refused: `not authorized: ${table}`}
  // A common table expression: SQLite reports it only without a column.
  return column === '' && !facts.modules.has(name) ? [] : {refused: `not authorized: ${table}`}
}

/** What a write needs. SQLite does not report the rows that REPLACE deletes: where one may, `data_delete` is needed, too. */
export function dataWrite(action: PermissionAction, {first: table, context}: Access, statement: Statement): Verdict {
  const name = foldCase(table)
  const {facts, replaces, triggersReplace} = statement
  if (isImplied(name, statement)) return []
  if (name.startsWith('sqlite_') || !facts.tables.has(name)) return {refused: `not authorized: ${table} is no table of yours to write to`}
  if (facts.untoldTables.has(name)) return {refused: `not authorized: ${table} has a trigger that cannot be checked`}
  if (facts.virtualTables.has(name)) return virtualTableWrite(table)
  // The conflict clause of a statement overrides those of the triggers, and one trigger's those of the next.
  const mayReplace = replaces || (context !== null && triggersReplace) || facts.replacingTables.has(name)
  const needed = [onTable(action, table)]
  if (mayReplace && action !== 'data_delete') needed.push(onTable('data_delete', table, `not authorized: data_delete on ${table}, as REPLACE deletes rows`))
  return needed
}

/** An INSERT can be a command that deletes (`INSERT INTO fts(fts) VALUES ('delete-all')`), and rows can be another table's. */
function virtualTableWrite(table: string): Requirement[] {
  const actions: PermissionAction[] = ['data_add', 'data_update', 'data_delete']
  return actions.map((action) => onAllTables(action, `${table} is a virtual table`))
}

/** What SQLite does in its own tables to change a schema is part of that change; and a dropped table loses its rows. */
function isImplied(name: string, {verb, dropped}: Statement): boolean {
  if (verb === 'create') return name === 'sqlite_master'
  if (verb === 'alter') return name.startsWith('sqlite_') || name === 'pragma_quick_check'
  return verb === 'drop' && (name.startsWith('sqlite_') || dropped.has(name))
}
