import {inBrackets, indexOutside, splitAtCommas} from '../database/sql/nesting.ts'
import {wordAt} from '../database/sql/split.ts'
import {mainIndex} from '../database/sql/statement-kind.ts'
import {foldName, scan, type Token} from '../database/sql/tokens.ts'
import {carriedColumn, isName, type Source, sourceOf} from './select-source.ts'
import {type Column, columnOf, columnsIn} from './table-columns.ts'
import {afterIf, tableNameAt} from './table-name.ts'

/** What a statement does to a table and its rows. Names are as SQLite compares them. */
export type TableStatement = {table: string} & (
  | {does: 'create'; columns: Column[]; source: Source | undefined}
  | {does: 'drop'}
  | {does: 'rename'; to: string}
  | {does: 'add column'; columns: Column[]}
  | {does: 'drop column'; column: string}
  | {does: 'rename column'; column: string; to: string}
  | {does: 'insert'; columns: string[] | undefined; source: Source | undefined; replacesRows: boolean}
  /** `from`: the column whose values a column gets, if they are a column's. */
  | {does: 'update'; sets: {column: string; from: string | undefined}[]; isQualified: boolean; replacesRows: boolean}
  | {does: 'delete'; isQualified: boolean}
)

/** What a statement does to a table; undefined where it does nothing to any, such as a CREATE INDEX or a SELECT. */
export function tableStatementOf(sql: string): TableStatement | undefined {
  const tokens = [...scan(sql)].filter(({text}) => text !== ';')
  const at = mainIndex(tokens, 0)
  switch (wordAt(tokens, at)) {
    case 'create':
      return create(tokens)
    case 'drop':
      return wordAt(tokens, 1) === 'table' ? on(tokens, afterIf(tokens, 2), ({name}) => ({table: name, does: 'drop'})) : undefined
    case 'alter':
      return on(tokens, 2, ({name, next}) => alter(tokens, name, next))
    case 'insert':
    case 'replace':
      return on(tokens, indexOutside(tokens, at, ['into']) + 1, ({name, next}) => insert(tokens, at, name, next))
    case 'update':
      return on(tokens, wordAt(tokens, at + 1) === 'or' ? at + 3 : at + 1, ({name, next}) => update(tokens, at, name, next))
    case 'delete':
      return on(tokens, at + 2, ({name, next}) => ({table: name, does: 'delete', isQualified: isQualified(tokens, next)}))
    default:
      return undefined
  }
}

function on(tokens: Token[], at: number, use: (table: {name: string; next: number}) => TableStatement | undefined): TableStatement | undefined {
  const table = tableNameAt(tokens, at)
  return table && use(table)
}

function create(tokens: Token[]): TableStatement | undefined {
  const kind = wordAt(tokens, 1) === 'virtual' ? 2 : 1
  if (wordAt(tokens, kind) !== 'table') return undefined
  return on(tokens, afterIf(tokens, kind + 1), ({name, next}) => {
    const brackets = indexOutside(tokens, next, ['(', 'as'])
    const source = wordAt(tokens, brackets) === 'as' ? sourceOf(tokens, brackets + 1) : undefined
    return {table: name, does: 'create', columns: source ? [] : columnsIn(inBrackets(tokens, brackets)), source}
  })
}

function alter(tokens: Token[], table: string, at: number): TableStatement | undefined {
  const named = wordAt(tokens, at + 1) === 'column' ? at + 2 : at + 1
  const column = foldName(tokens[named]?.text ?? '')
  switch (wordAt(tokens, at)) {
    case 'add':
      return {table, does: 'add column', columns: columnOf(tokens.slice(named))}
    case 'drop':
      return {table, does: 'drop column', column}
    case 'rename':
      if (wordAt(tokens, at + 1) === 'to') return {table, does: 'rename', to: foldName(tokens[at + 2]?.text ?? '')}
      return {table, does: 'rename column', column, to: foldName(tokens[named + 2]?.text ?? '')}
    default:
      return undefined
  }
}

function insert(tokens: Token[], at: number, table: string, next: number): TableStatement {
  const behindAlias = wordAt(tokens, next) === 'as' ? next + 2 : next
  const hasColumns = wordAt(tokens, behindAlias) === '('
  const columns = hasColumns ? splitAtCommas(inBrackets(tokens, behindAlias)) : undefined
  const source = sourceOf(tokens, behindAlias + (hasColumns ? inBrackets(tokens, behindAlias).length + 2 : 0))
  const conflict = wordAt(tokens, at + 1) === 'or' ? wordAt(tokens, at + 2) : wordAt(tokens, at)
  return {
    table,
    does: 'insert',
    columns: columns?.map(([name]) => foldName(name?.text ?? '')),
    source:
      source && !isDefinedBefore(tokens.slice(0, at), source.table)
        ? {...source, isWhole: source.isWhole && conflict !== 'ignore' && conflict !== 'replace'}
        : undefined,
    replacesRows: conflict === 'replace',
  }
}

/** Whether a `WITH` calls a table so, which then is not the one in the database. */
const isDefinedBefore = (tokens: Token[], table: string) =>
  tokens.some(({text}, index) => foldName(text) === table && ['as', '('].includes(wordAt(tokens, index + 1) ?? ''))

function update(tokens: Token[], at: number, table: string, next: number): TableStatement {
  const set = indexOutside(tokens, next, ['set'])
  const end = indexOutside(tokens, set, ['from', 'where', 'returning'])
  const assignments = splitAtCommas(tokens.slice(set + 1, end)).flatMap(assigned)
  return {
    table,
    does: 'update',
    // With a FROM, what looks like a column of the table may be another's.
    sets: wordAt(tokens, end) === 'from' ? assignments.map(({column}) => ({column, from: undefined})) : assignments,
    isQualified: isQualified(tokens, set),
    replacesRows: wordAt(tokens, at + 1) === 'or' && wordAt(tokens, at + 2) === 'replace',
  }
}

/** `a = b`, or `(a, b) = (…)`. */
function assigned(assignment: Token[]): {column: string; from: string | undefined}[] {
  if (wordAt(assignment, 0) === '(') return splitAtCommas(inBrackets(assignment, 0)).map(([name]) => ({column: foldName(name?.text ?? ''), from: undefined}))
  return [{column: foldName(assignment[0]?.text ?? ''), from: carriedColumn(assignment.slice(2))}]
}

/** Whether a WHERE follows that can tell one row from another: `WHERE 1` cannot. */
function isQualified(tokens: Token[], from: number): boolean {
  const where = indexOutside(tokens, from, ['where'])
  const condition = tokens.slice(where + 1, indexOutside(tokens, where, ['returning']))
  return condition.some(({text}) => isName(text) && !/^(?:true|false|null|not|and|or|is)$/i.test(text))
}
