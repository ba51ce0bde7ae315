import type {Permission, PermissionAction} from '../platform/platform.ts'

/** A write that permissions allow, and that changes no row; undefined where they allow none that can be written without knowing the columns. */
export function permittedWrite(permissions: Permission[]): string | undefined {
  const tables = permissions.flatMap((permission) => permission.tables ?? ['trade_logs'])
  const table = (...actions: PermissionAction[]) => tables.find((each) => actions.every((action) => isAllowed(permissions, each, action)))
  const emptied = table('data_delete')
  if (emptied !== undefined) return `DELETE FROM ${quoted(emptied)} WHERE 0`
  const extended = table('data_add', 'data_read')
  return extended === undefined ? undefined : `INSERT INTO ${quoted(extended)} SELECT * FROM ${quoted(extended)} WHERE 0`
}

/** A statement on strat's own table that permissions do not allow, and that changes nothing where it is executed all the same. */
export function forbiddenStatement(permissions: Permission[]): string | undefined {
  const statements = {
    data_delete: 'DELETE FROM strat_meta WHERE 0',
    data_add: 'INSERT INTO strat_meta SELECT * FROM strat_meta WHERE 0',
    schema_add: 'CREATE TABLE IF NOT EXISTS strat_meta (id INTEGER)',
  } satisfies Partial<Record<PermissionAction, string>>
  const actions = Object.keys(statements) as (keyof typeof statements)[]
  const action = actions.find((each) => !isAllowed(permissions, 'strat_meta', each))
  return action && statements[action]
}

const isAllowed = (permissions: Permission[], table: string, action: PermissionAction) =>
  permissions.some(({tables, actions}) => (tables === null || tables.includes(table)) && actions.includes(action))

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
