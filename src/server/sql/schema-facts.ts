import {isVirtualTable, type SchemaRow} from './schema-copy.ts'
import {foldCase} from './tokens.ts'
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
}

/** Reads the facts from a schema and from what is `missing` in its copy. */
export function readFacts(schema: SchemaRow[], missing: SchemaRow[]): SchemaFacts {
  const tables = schema.filter(({type}) => type === 'table' || type === 'view')
  const triggers = schema.filter(isTrigger)
  return {
    tables: namesOf(tables),
    virtualTables: namesOf(tables.filter(isVirtualTable)),
    replacingTables: namesOf(tables.filter(replaces)),
    replacingTriggers: namesOf(triggers.filter(replaces)),
    untoldTables: new Set(missing.filter(isTrigger).map((row) => foldCase(row.tbl_name))),
  }
}

const isTrigger = ({type}: SchemaRow) => type === 'trigger'
const replaces = ({sql}: SchemaRow) => replacesRows(sql ?? '')
const namesOf = (rows: SchemaRow[]) => new Set(rows.map(({name}) => foldCase(name)))
