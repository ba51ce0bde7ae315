import {mentionsBlob} from '../sql/blob-literals.ts'
import {type LibsqlDatabase, openLibsql} from '../sql/libsql.ts'
import type {SqlValue} from '../sql/values.ts'
import {type Bytecode, readBytecode} from './bytecode.ts'

/** What is known of the trees of a copied schema, by root page: their names, and of unique indexes how many columns make an entry unique. */
export type Trees = {names: ReadonlyMap<number, string>; uniqueKeys: ReadonlyMap<number, number>}

/** An empty copy of a schema, to compile statements on. */
export type SchemaCopy = {explain(sql: string): Bytecode | undefined; trees: Trees; close(): void}

const rowsOf = (database: Pick<LibsqlDatabase, 'prepare'>, sql: string): unknown[][] => database.prepare(sql).raw().all([])

/**
 * Copies the schema that a connection sees, also where it has not been committed, to a database in memory that compiles statements to the same bytecode.
 * On the connection itself EXPLAIN would stay a running statement until it is collected as garbage, and keep COMMIT and SAVEPOINT from working.
 */
export function copySchema(source: LibsqlDatabase): SchemaCopy {
  const copy = openLibsql(':memory:')
  const [[foreignKeys] = []] = rowsOf(source, 'PRAGMA foreign_keys')
  copy.exec(`PRAGMA foreign_keys = ${Number(foreignKeys)}`)
  for (const [sql] of rowsOf(source, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")) {
    // The tables behind a virtual table come with it.
    attempt(() => copy.exec(String(sql)))
  }
  copyStatistics(source, copy)
  const hasBlobs = rowsOf(copy, 'SELECT sql FROM sqlite_schema').some(([sql]) => mentionsBlob(String(sql)))
  return {
    // The bytes of a blob stand in the bytecode as text, and text that is not UTF-8 ends the process (a panic in the libsql package).
    explain: (sql) => (hasBlobs || mentionsBlob(sql) ? undefined : attempt(() => readBytecode(rowsOf(copy, `EXPLAIN ${sql}`)))),
    trees: readTrees(copy),
    close: () => copy.close(),
  }
}

/** What a function gives, or nothing if it fails. */
function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

/** ANALYZE's statistics decide which index a statement uses. */
function copyStatistics(source: LibsqlDatabase, copy: LibsqlDatabase): void {
  const statistics = attempt(() => rowsOf(source, 'SELECT tbl, idx, stat FROM sqlite_stat1'))
  if (!statistics) return
  copy.exec('ANALYZE')
  copy.exec('DELETE FROM sqlite_stat1')
  const insert = copy.prepare('INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)')
  for (const row of statistics) insert.run(row as SqlValue[])
  copy.exec('ANALYZE sqlite_schema')
}

function readTrees(copy: LibsqlDatabase): Trees {
  const names = rowsOf(copy, 'SELECT rootpage, name FROM sqlite_schema WHERE rootpage > 0')
  // The primary key of a WITHOUT ROWID table has no entry in the schema: its tree is the table's own.
  const unique = rowsOf(
    copy,
    `SELECT coalesce(i.rootpage, t.rootpage), (SELECT count(*) FROM pragma_index_info(l.name)) FROM sqlite_schema AS t
      JOIN pragma_index_list(t.name) AS l ON l."unique" LEFT JOIN sqlite_schema AS i ON i.type = 'index' AND i.name = l.name WHERE t.type = 'table'`,
  )
  const toMap = <Value>(rows: unknown[][], read: (value: unknown) => Value) => new Map(rows.map(([page, value]) => [Number(page), read(value)]))
  return {names: new Map([[1, 'sqlite_schema'], ...toMap(names, String)]), uniqueKeys: toMap(unique, Number)}
}
