import {DatabaseSync} from 'node:sqlite'
import Database from 'libsql'
import {foldCase} from '../../database/sql/tokens.ts'

/** A row of `sqlite_schema`, in the order of its rowid. */
export type SchemaRow = {type: string; name: string; tbl_name: string; sql: string | null}

/** A database in memory with the schema of another one and no rows, and the rows of the schema that it could not hold. */
export type SchemaCopy<Connection> = {database: Connection; missing: SchemaRow[]}

type Connection = {prepare(sql: string): {run(): unknown; all(): unknown[]}}

/**
 * Copies a schema into the SQLite that comes with Node: never into the library that opens the file, as two SQLite libraries on one
 * file break each other's locks.
 */
export function copySchema(schema: SchemaRow[]): SchemaCopy<DatabaseSync> {
  // Both options as libSQL has them: the same text must mean the same here.
  const database = new DatabaseSync(':memory:', {enableForeignKeyConstraints: true, enableDoubleQuotedStringLiterals: false})
  return {database, missing: fill(database, schema)}
}

/** Copies a schema into libSQL itself, which fails where the database would fail. */
export function copySchemaToLibsql(schema: SchemaRow[]): SchemaCopy<Database.Database> {
  const database = new Database(':memory:')
  return {database, missing: fill(database, schema)}
}

/** Whether a row of the schema is a virtual table's. */
export const isVirtualTable = ({sql}: SchemaRow): boolean => /^CREATE VIRTUAL TABLE/i.test(sql ?? '')

/** Makes what can be made, and answers what could not. */
function fill(database: Connection, schema: SchemaRow[]): SchemaRow[] {
  for (const {sql} of inOrderOfNeed(schema)) if (sql) attempt(database, sql)
  // The tables of statistics have reserved names: only ANALYZE makes them.
  if (schema.some(({name}) => /^sqlite_stat/i.test(name))) attempt(database, 'ANALYZE')
  const made = new Set(database.prepare("SELECT type || ' ' || name AS object FROM sqlite_schema").all().map(objectOf))
  return schema.filter(({type, name}) => !made.has(foldCase(`${type} ${name}`)))
}

/** A virtual table makes its shadow tables itself and needs their names to be free; a trigger needs its table. */
function inOrderOfNeed(schema: SchemaRow[]): SchemaRow[] {
  const rank = (row: SchemaRow) => (isVirtualTable(row) ? 0 : ['table', 'view', 'index', 'trigger'].indexOf(row.type) + 1)
  return schema.toSorted((a, b) => rank(a) - rank(b))
}

function attempt(database: Connection, sql: string): void {
  try {
    database.prepare(sql).run()
  } catch {
    // It is among the missing: a name that exists already, or something that this SQLite does not know.
  }
}

const objectOf = (row: unknown): string => (row && typeof row === 'object' && 'object' in row ? foldCase(String(row.object)) : '')
