import type {Database, Statement} from '../database/database.ts'
import {type DatabaseState, inspectDatabase, ownSchema} from '../database/inspect.ts'
import {isDatabaseError, reasonOf} from './migration-error.ts'

/** What a database holds, in numbers, and what is wrong with it. */
export type Stock = {
  /** How many rows each table of its own has. */
  rows: Map<string, number>
  /** What its checks complain of, at most a hundred lines and one. */
  damage: string[]
  /** How many rows refer to nothing, by their table and the one that they refer to. */
  orphans: Map<string, number>
}

// As tables, because every server takes a `SELECT`, whatever it thinks of a pragma.
const checkIntegrity = statement("SELECT integrity_check AS line FROM pragma_integrity_check WHERE integrity_check <> 'ok'")
const selectOrphans = statement('SELECT "table" AS child, parent, count(*) AS n FROM pragma_foreign_key_check GROUP BY 1, 2')
const selectShadows = statement("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'")

/** Counts what a database holds, and checks it: three requests. */
export async function takeStock(database: Database): Promise<Stock> {
  const tables = tablesWithRows(await inspectDatabase(database))
  const [damage, shadows, ...counts] = await database.read([checkIntegrity, selectShadows, ...tables.map(countRows)])
  const isShadow = new Set(shadows?.rows.map((row) => row['name']))
  const rows = tables.map((table, index): [string, number] => [table, Number(counts[index]?.rows[0]?.['n'])])
  const {orphans, mismatch} = await checkForeignKeys(database)
  return {
    rows: new Map(rows.filter(([table]) => !isShadow.has(table))),
    damage: [...(damage?.rows ?? []).map((row) => String(row['line'])), ...mismatch],
    orphans,
  }
}

/** The tables that keep rows of their own: not the virtual ones that only show others', nor what vector indexes keep their entries in. */
function tablesWithRows(state: DatabaseState): string[] {
  const schema = ownSchema(state)
  const vectorIndexes = new Set(schema.filter(({type}) => type === 'index').map(({name}) => `${name}_shadow`))
  const keepsRows = (sql: string) => !/^create\s+virtual\b/i.test(sql) || /\busing\s+["'`[]?(?:fts[345]|rtree|geopoly)/i.test(sql)
  return schema.filter(({type, name, sql}) => type === 'table' && keepsRows(sql) && !vectorIndexes.has(name)).map(({name}) => name)
}

/** `mismatch`: a key that no row can satisfy, whose check fails itself. */
async function checkForeignKeys(database: Database): Promise<Pick<Stock, 'orphans'> & {mismatch: string[]}> {
  try {
    const [orphans] = await database.read([selectOrphans])
    return {orphans: new Map(orphans?.rows.map((row) => [`${row['child']} refer to nothing in ${row['parent']}`, Number(row['n'])])), mismatch: []}
  } catch (error) {
    if (!isDatabaseError(error) || !/foreign key mismatch/.test(error.message)) throw error
    return {orphans: new Map(), mismatch: [reasonOf(error)]}
  }
}

const countRows = (table: string) => statement(`SELECT count(*) AS n FROM ${quoteName(table)}`)

/** A table's name as it stands in a statement. */
export const quoteName = (name: string) => `"${name.replaceAll('"', '""')}"`

function statement(sql: string): Statement {
  return {sql, args: []}
}
