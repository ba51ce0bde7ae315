import type {DatabaseSync} from 'node:sqlite'
import {foldCase} from '../../database/sql/tokens.ts'
import {onAllTables, onTable, type Requirement} from './requirement.ts'

/** The page that each table and index of a database begins at, with the folded name of its table; without `sqlite_schema`, which is no secret. */
export function rootPages(database: DatabaseSync): Map<number, string> {
  const rows = database.prepare('SELECT rootpage, tbl_name FROM sqlite_schema WHERE rootpage > 0').all()
  return new Map(rows.map((row) => [Number(row['rootpage']), foldCase(String(row['tbl_name']))]))
}

/**
 * What a statement needs that joins tables by the names of their columns (`NATURAL JOIN`, `USING`, also in its triggers and views, whose
 * `texts` are given with its own). SQLite's authorizer is silent on the columns that such a join compares, and so on a table of which
 * nothing else is read; but the bytecode, which is read here and not run, opens every table.
 */
export function joinRequirements(database: DatabaseSync, roots: Map<number, string>, texts: string[]): Requirement[] {
  const code = database.prepare(`EXPLAIN ${texts[0]}`)
  const needed: Requirement[] = []
  for (const {opcode, p2, p3} of code.iterate()) {
    if (opcode === 'VOpen') needed.push(onAllTables('data_read', 'a virtual table is joined by the names of its columns'))
    // p3 is the schema: 0 for main.
    const name = (opcode === 'OpenRead' || opcode === 'ReopenIdx') && p3 === 0 ? roots.get(Number(p2)) : undefined
    if (name !== undefined && !isSequence(name, texts)) needed.push(onTable('data_read', name))
  }
  return needed
}

/** AUTOINCREMENT opens `sqlite_sequence` without anyone seeing it. */
const isSequence = (name: string, texts: string[]) => name === 'sqlite_sequence' && !texts.some((text) => /sqlite_sequence/i.test(text))
