import type {DatabaseSync, SQLOutputValue} from 'node:sqlite'
import {foldCase} from './tokens.ts'

/** What a statement's bytecode opens to read: tables by their folded names, and whether any virtual ones. */
export type OpenedTables = {tables: Set<string>; virtual: boolean}

/** The page that each table and index of a database begins at, with the folded name of its table. */
export function rootPages(database: DatabaseSync): Map<number, string> {
  const rows = database.prepare('SELECT rootpage, tbl_name FROM sqlite_schema WHERE rootpage > 0').all()
  return new Map([[1, 'sqlite_master'], ...rows.map((row): [number, string] => [Number(row['rootpage']), foldCase(String(row['tbl_name']))])])
}

/** Reads from the bytecode of a statement (its triggers included) what it opens; it is not run. */
export function openedTables(database: DatabaseSync, roots: Map<number, string>, sql: string): OpenedTables {
  const code = database.prepare(`EXPLAIN ${sql}`).all()
  const tables = code.filter(opensMainForReading).map(({p2}) => roots.get(Number(p2)))
  return {tables: new Set(tables.filter((name) => name !== undefined)), virtual: code.some(({opcode}) => opcode === 'VOpen')}
}

/** `p3` is the schema: 0 for main. */
const opensMainForReading = ({opcode, p3}: Record<string, SQLOutputValue>) => (opcode === 'OpenRead' || opcode === 'ReopenIdx') && p3 === 0
