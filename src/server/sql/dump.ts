import type {Connection} from './connection.ts'
import type {SqlValue} from './values.ts'

/** The whole database as SQL that makes it again, in the form of `.dump` in SQLite's shell. */
export function dumpDatabase(connection: Connection): string {
  const lines = ['PRAGMA foreign_keys=OFF;', 'BEGIN TRANSACTION;']
  connection.exec('BEGIN')
  try {
    for (const [name, sql] of connection.rows(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL ORDER BY tbl_name = 'sqlite_sequence', rowid",
    )) {
      lines.push(...dumpTable(connection, String(name), String(sql)))
    }
    for (const [sql] of connection.rows("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('index', 'trigger', 'view') ORDER BY rowid")) {
      lines.push(`${sql};`)
    }
  } finally {
    connection.rollback()
  }
  return `${[...lines, 'COMMIT;'].join('\n')}\n`
}

function dumpTable(connection: Connection, name: string, sql: string): string[] {
  if (name === 'sqlite_sequence') return ['DELETE FROM sqlite_sequence;', ...inserts(connection, name)]
  if (name.startsWith('sqlite_')) return []
  return [`${sql.replace(/^CREATE TABLE (?!IF NOT EXISTS)/i, 'CREATE TABLE IF NOT EXISTS ')};`, ...inserts(connection, name)]
}

function inserts(connection: Connection, table: string): string[] {
  const quoted = /^[\p{L}_][\p{L}\p{N}_]*$/u.test(table) ? table : `"${table.replaceAll('"', '""')}"`
  const columns = connection
    .rows(`SELECT name FROM pragma_table_info('${table.replaceAll("'", "''")}')`)
    .map(([name]) => `quote("${String(name).replaceAll('"', '""')}")`)
  const rows = connection.rows(`SELECT ${columns.join(', ')} FROM "${table.replaceAll('"', '""')}"`)
  return rows.map((values: SqlValue[]) => `INSERT INTO ${quoted} VALUES(${values.join(',')});`)
}
