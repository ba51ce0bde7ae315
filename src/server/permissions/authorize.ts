import {constants} from 'node:sqlite'
import {foldCase} from '../../database/sql/tokens.ts'
import type {PermissionAction} from '../../platform/platform.ts'
import {type Access, dataRead, dataWrite, type Statement, type Verdict} from './data-access.ts'
import {isForeignKeyPragma, isReadingPragma} from './pragmas.ts'
import {onAnyTable, onTable} from './requirement.ts'

/** Modules whose tables hold rows of their own; what others show (`dbstat`, `fts5vocab`, …) belongs to other tables. */
const modules = new Set(['fts3', 'fts4', 'fts5', 'rtree', 'rtree_i32', 'geopoly'])

/** Which argument of the authorizer is the table (or view) that a change of the schema is about. */
const schemaActions = new Map<number, [action: PermissionAction, table: 'first' | 'second']>([
  [constants.SQLITE_CREATE_TABLE, ['schema_add', 'first']],
  [constants.SQLITE_CREATE_VIEW, ['schema_add', 'first']],
  [constants.SQLITE_CREATE_VTABLE, ['schema_add', 'first']],
  [constants.SQLITE_CREATE_INDEX, ['schema_add', 'second']],
  [constants.SQLITE_CREATE_TRIGGER, ['schema_add', 'second']],
  [constants.SQLITE_ALTER_TABLE, ['schema_update', 'second']],
  [constants.SQLITE_DROP_TABLE, ['schema_delete', 'first']],
  [constants.SQLITE_DROP_VIEW, ['schema_delete', 'first']],
  [constants.SQLITE_DROP_VTABLE, ['schema_delete', 'first']],
  [constants.SQLITE_DROP_INDEX, ['schema_delete', 'second']],
  [constants.SQLITE_DROP_TRIGGER, ['schema_delete', 'second']],
])

const notAuthorized = {refused: 'not authorized'}
const writes: PermissionAction[] = ['data_add', 'data_update', 'data_delete', 'schema_add', 'schema_update', 'schema_delete']

/** What one access needs, by SQLite's list of authorizer codes; a code that is not named here (`ATTACH`, `ANALYZE`, temporary tables) is refused. */
export function authorize(access: Access, statement: Statement): Verdict {
  switch (access.action) {
    case constants.SQLITE_SELECT:
    case constants.SQLITE_RECURSIVE:
    case constants.SQLITE_FUNCTION:
    case constants.SQLITE_TRANSACTION:
    case constants.SQLITE_SAVEPOINT:
    case constants.SQLITE_REINDEX: // Part of CREATE INDEX: a REINDEX itself is refused by its verb.
      return []
    case constants.SQLITE_READ:
      return dataRead(access, statement)
    case constants.SQLITE_INSERT:
      return dataWrite('data_add', access, statement)
    case constants.SQLITE_UPDATE:
      return dataWrite('data_update', access, statement)
    case constants.SQLITE_DELETE:
      return dataWrite('data_delete', access, statement)
    case constants.SQLITE_PRAGMA:
      return pragma(foldCase(access.first), access.second)
    default:
      return schemaChange(access, statement)
  }
}

/** The tables and views that a statement drops, folded. */
export function droppedTables(accesses: Access[]): Set<string> {
  const drops: number[] = [constants.SQLITE_DROP_TABLE, constants.SQLITE_DROP_VIEW, constants.SQLITE_DROP_VTABLE]
  return new Set(accesses.filter(({action}) => drops.includes(action)).map(({first}) => foldCase(first)))
}

function schemaChange(access: Access, {verb}: Statement): Verdict {
  const [action, argument] = schemaActions.get(access.action) ?? []
  const table = argument && access[argument]
  if (!action || !table) return notAuthorized
  if (/^sqlite_/i.test(table)) return verb === 'create' ? [] : notAuthorized // AUTOINCREMENT makes sqlite_sequence; nobody else can.
  const module = access.action === constants.SQLITE_CREATE_VTABLE ? foldCase(access.second ?? '') : undefined
  if (module !== undefined && !modules.has(module)) return {refused: `not authorized: virtual tables of ${access.second}`}
  return [onTable(action, table)]
}

function pragma(name: string, value: string | null): Verdict {
  if (isReadingPragma(name, value)) return []
  return isForeignKeyPragma(name) ? [onAnyTable(writes, `PRAGMA ${name} = ${value}`)] : {refused: `not authorized: PRAGMA ${name}`}
}
