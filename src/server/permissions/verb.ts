import {firstTokens, foldCase, foldName, tokens} from '../../database/sql/tokens.ts'

/** What a statement begins with, in lower case, after `EXPLAIN` or `EXPLAIN QUERY PLAN`: `select`, `with`, `create`, …; empty for none. */
export function firstVerb(sql: string): string {
  const [first = '', second = '', third, fourth = ''] = firstTokens(sql, 4)
  if (first !== 'explain') return first
  return second === 'query' && third === 'plan' ? fourth : second
}

/**
 * Whether an SQL text may replace rows, which deletes those in the way: `INSERT OR REPLACE`, `UPDATE OR REPLACE`, `REPLACE
 * INTO`, and `ON CONFLICT REPLACE` in a table's definition. Exact, as INSERT, UPDATE, INTO, OR and ON are reserved words
 * of SQLite: no name can stand where they do, unless it is quoted.
 */
export function replacesRows(sql: string): boolean {
  if (!/replace/i.test(sql)) return false
  let [before, last] = ['', '']
  for (const token of tokens(sql)) {
    const word = token.length <= 'conflict'.length ? foldCase(token) : ''
    if (word === 'into' && last === 'replace') return true
    if (word === 'replace' && last === 'or' && (before === 'insert' || before === 'update')) return true
    if (word === 'replace' && last === 'conflict' && before === 'on') return true
    before = last
    last = word
  }
  return false
}

/** Whether an SQL text may join tables by the names of their columns: `NATURAL JOIN`, `USING (…)`. */
export function joinsByName(sql: string): boolean {
  if (!/natural|using/i.test(sql)) return false
  for (const token of tokens(sql)) if (/^(natural|using)$/i.test(token)) return true
  return false
}

/** The table of libSQL's own `ALTER TABLE t ALTER COLUMN c TO …`, folded; undefined for every other statement. */
export function alteredColumnTable(sql: string): string | undefined {
  const after = afterAlterTable(sql)
  return after?.[1] === 'alter' && after[2] === 'column' ? foldName(after[0] ?? '') : undefined
}

/** The name that `ALTER TABLE t RENAME TO n` gives to a table, folded; undefined for every other statement. */
export function newTableName(sql: string): string | undefined {
  const after = afterAlterTable(sql)
  return after?.[1] === 'rename' && after[2] === 'to' ? foldName(after[3] ?? '') : undefined
}

/** Whether a statement only explains another one. */
export const isExplain = (sql: string): boolean => firstTokens(sql, 1)[0] === 'explain'

/** Whether a statement is libSQL's own `BEGIN READONLY`. */
export function isBeginReadOnly(sql: string): boolean {
  const [begin, mode] = firstTokens(sql, 2)
  return begin === 'begin' && mode === 'readonly'
}

/** The tokens after `ALTER TABLE`, beginning with the table's name without its schema. */
function afterAlterTable(sql: string): string[] | undefined {
  const [alter, table, ...rest] = firstTokens(sql, 8)
  if (alter !== 'alter' || table !== 'table') return undefined
  return rest[1] === '.' && foldName(rest[0] ?? '') === 'main' ? rest.slice(2) : rest
}
