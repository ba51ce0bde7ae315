import {inBrackets, indexOutside, splitAtCommas} from '../database/sql/nesting.ts'
import {wordAt} from '../database/sql/split.ts'
import {foldName, type Token} from '../database/sql/tokens.ts'
import {tableNameAt} from './table-name.ts'

/** One result of a SELECT: every column, or what it is called and the column whose values it has, if they are a column's. */
export type Result = '*' | {name: string | undefined; column: string | undefined}

/** What a SELECT takes from the one table behind its FROM. */
export type Source = {
  table: string
  results: Result[]
  /** Whether every row of that table is in it. */
  isWhole: boolean
}

const aggregates = ['avg', 'count', 'group_concat', 'json_group_array', 'json_group_object', 'max', 'min', 'string_agg', 'sum', 'total']

/** What the SELECT that begins at `at` takes, and from where; undefined where that is not one table. */
export function sourceOf(tokens: Token[], at: number): Source | undefined {
  if (wordAt(tokens, at) !== 'select') return undefined
  const from = indexOutside(tokens, at, ['from'])
  const table = tableNameAt(tokens, from + 1)
  if (!table || table.name === '(') return undefined
  const first = /^(?:distinct|all)$/.test(wordAt(tokens, at + 1) ?? '') ? at + 2 : at + 1
  const results = tokens.slice(first, from)
  const isWhole = wordAt(tokens, at + 1) !== 'distinct' && !aggregatesRows(results) && takesEveryRow(tokens.slice(table.next))
  return {table: table.name, results: splitAtCommas(results).map(resultOf), isWhole}
}

const aggregatesRows = (tokens: Token[]) => tokens.some((_, index) => aggregates.includes(wordAt(tokens, index) ?? '') && wordAt(tokens, index + 1) === '(')

/** Whether nothing follows the table but a name for it and an order. */
function takesEveryRow(tokens: Token[]): boolean {
  const order = indexOutside(tokens, 0, ['order'])
  const alias = tokens.slice(wordAt(tokens, 0) === 'as' ? 1 : 0, order)
  const isAlias = alias.length === 0 || (alias.length === 1 && !/^(?:where|join|,)$/.test(wordAt(alias, 0) ?? ''))
  return isAlias && indexOutside(tokens, order, ['limit', 'on']) === tokens.length
}

function resultOf(expression: Token[]): Result {
  if (expression.at(-1)?.text === '*' && (expression.length === 1 || expression.at(-2)?.text === '.')) return '*'
  const column = carriedColumn(expression)
  const last = expression.at(-1)?.text
  return {name: last === undefined || last === ')' ? undefined : foldName(last), column}
}

/** The column whose values an expression has, unchanged or as texts: `t.a`, `CAST(a AS TEXT)`, `coalesce(a, 0)`. */
export function carriedColumn(expression: Token[]): string | undefined {
  const [word, next] = [wordAt(expression, 0), wordAt(expression, 1)]
  if (word === '(') return isCalledOnly(expression, 0) ? carriedColumn(inBrackets(expression, 0)) : undefined
  if (next === '(') {
    if (!isCalledOnly(expression, 1)) return undefined
    const inside = inBrackets(expression, 1)
    if (word === 'cast') return castColumn(inside)
    return word === 'coalesce' || word === 'ifnull' ? carriedColumn(splitAtCommas(inside)[0] ?? []) : undefined
  }
  let at = 0
  while (wordAt(expression, at + 1) === '.') at += 2
  const name = expression[at]?.text ?? ''
  return isName(name) && isAliasOnly(expression.slice(at + 1)) ? foldName(name) : undefined
}

/** A number fits into a text, but few texts and not all numbers fit into a number. */
function castColumn(inside: Token[]): string | undefined {
  const as = indexOutside(inside, 0, ['as'])
  return wordAt(inside, as + 1) === 'text' ? carriedColumn(inside.slice(0, as)) : undefined
}

const isCalledOnly = (expression: Token[], open: number) => isAliasOnly(expression.slice(open + inBrackets(expression, open).length + 2))

const isAliasOnly = (rest: Token[]) =>
  rest.length === 0 || (wordAt(rest, 0) === 'as' && rest.length === 2) || (rest.length === 1 && isName(rest[0]?.text ?? ''))

/** Whether a token can name a column. */
export const isName = (token: string) => /^(?:[a-z_"`[]|[^\0-\x7F])/i.test(token) && !/^x'/i.test(token)
