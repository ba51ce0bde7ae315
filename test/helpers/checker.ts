import {readFileSync} from 'node:fs'
import Database from 'libsql'
import type {Permission, PermissionAction} from '../../src/platform/platform.ts'
import {PermissionChecker} from '../../src/server/permissions/permissions.ts'
import type {SchemaRow} from '../../src/server/permissions/schema-copy.ts'

/** The statements that make a strategy's three tables, as the migration has them. */
export const strategyTables: string[] = [...readFileSync('migrations/strategy/0001_initial.ts', 'utf8').matchAll(/sql`(CREATE TABLE [^`]+)`/g)].map(
  ([, sql = '']) => sql,
)

/** A libSQL database in memory, after these statements. */
export function libsqlWith(statements: string[]): Database.Database {
  const database = new Database(':memory:')
  for (const sql of statements) database.prepare(sql).run()
  return database
}

/** A checker for the schema that the statements make in libSQL. */
export function checkerFor(statements: string[]): PermissionChecker {
  const database = libsqlWith(statements)
  const rows = database.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid').all()
  database.close()
  return new PermissionChecker(rows.filter(isSchemaRow))
}

/** Permissions as a token's `perm` has them in short: `t: data_read data_add; *: schema_add`. */
export function permissions(text: string): Permission[] {
  return text.split(';').flatMap((rule) => {
    const [tables = '', actions = ''] = rule.split(':')
    const list = actions.trim().split(/\s+/).filter(isAction)
    return list.length === 0 ? [] : [{tables: tables.trim() === '*' ? null : tables.trim().split(/[\s,]+/), actions: list}]
  })
}

/** Every action there is. */
export const allActions: PermissionAction[] = ['data_read', 'data_add', 'data_update', 'data_delete', 'schema_add', 'schema_update', 'schema_delete']

const isAction = (text: string): text is PermissionAction => allActions.some((action) => action === text)
const isSchemaRow = (row: unknown): row is SchemaRow => typeof row === 'object' && row !== null && 'tbl_name' in row
