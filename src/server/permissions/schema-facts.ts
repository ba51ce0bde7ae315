import type {DatabaseSync} from 'node:sqlite'
import {foldCase} from '../../database/sql/tokens.ts'
import {isVirtualTable, type SchemaCopy, type SchemaRow} from './schema-copy.ts'
import {replacesRows} from './verb.ts'

/** What SQLite's authorizer does not tell of a schema; every name is folded. */
export type SchemaFacts = {
  /** Tables (virtual ones too) and views. */
  tables: Set<string>
  virtualTables: Set<string>
  /** Tables with `ON CONFLICT REPLACE` in their definition. */
  replacingTables: Set<string>
  /** Triggers with a statement that replaces rows. */
  replacingTriggers: Set<string>
  /** Tables and views with a trigger that the copy could not hold, so that nobody sees what it would do. */
  untoldTables: Set<string>
  /** Views and triggers by their names: there may be one of each. */
  bodies: Map<string, SchemaRow[]>
  /** Modules of virtual tables: a table-valued function is a table of its module's name, which no schema holds. */
  modules: Set<string>
}

/** Reads the facts from a schema and from its copy. */
export function readFacts(schema: SchemaRow[], {database, missing}: SchemaCopy<DatabaseSync>): SchemaFacts {
  const tables = schema.filter(({type}) => type === 'table' || type === 'view')
  const triggers = schema.filter(isTrigger)
  return {
    tables: namesOf(tables),
    virtualTables: namesOf(tables.filter(isVirtualTable)),
    replacingTables: namesOf(tables.filter(replaces)),
    replacingTriggers: namesOf(triggers.filter(replaces)),
    untoldTables: new Set(missing.filter(isTrigger).map((row) => foldCase(row.tbl_name))),
    bodies: Map.groupBy(
      schema.filter((row) => row.type === 'view' || isTrigger(row)),
      ({name}) => foldCase(name),
    ),
    modules: new Set(
      database
        .prepare('SELECT name FROM pragma_module_list')
        .all()
        .map(({name}) => foldCase(String(name))),
    ),
  }
}

const isTrigger = ({type}: SchemaRow) => type === 'trigger'
const replaces = ({sql}: SchemaRow) => replacesRows(sql ?? '')
const namesOf = (rows: SchemaRow[]) => new Set(rows.map(({name}) => foldCase(name)))
