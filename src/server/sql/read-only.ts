import {hostFunctionIn} from './host-functions.ts'
import {firstTokens, foldCase, foldName, hasSeveralStatements, tokens} from './tokens.ts'
import {firstVerb, isExplain} from './verb.ts'

const reading = new Set(['', 'select', 'values', 'begin', 'commit', 'end', 'rollback', 'savepoint', 'release'])

/** What sqld counts as reads (`StmtKind` in query_analysis.rs): not `user_version`, nor `foreign_keys`, even without a value. */
const readingPragmas = new Set([
  ...['table_list', 'table_info', 'table_xinfo', 'index_list', 'index_info', 'index_xinfo'],
  ...['pragma_list', 'compile_options', 'database_list', 'function_list', 'module_list'],
])
const readingWithoutValue = new Set(['encoding', 'schema_version'])

/** Whether a read-only token may run one statement, as sqld judges it: a SELECT, a transaction's beginning and end, any EXPLAIN, some pragmas. */
export function isReadOnly(sql: string): boolean {
  if (hasSeveralStatements(sql) || hostFunctionIn(sql)) return false
  const verb = firstVerb(sql)
  if (verb === 'pragma') return isReadingPragma(sql)
  return reading.has(verb) || isExplain(sql) || (verb === 'with' && verbAfterWith(sql) === 'select')
}

/** SQLite executes pragmas while it prepares them, so also behind an EXPLAIN. */
function isReadingPragma(sql: string): boolean {
  const words = firstTokens(sql, 9)
  const [first = '', second, third = '', next] = words.slice(words.indexOf('pragma') + 1)
  const [name, value] = second === '.' ? [third, next] : [first, second]
  const folded = foldName(name)
  return readingPragmas.has(folded) || (readingWithoutValue.has(folded) && (value === undefined || value === ';'))
}

/** What follows the common table expressions: the first word that stands behind a closed bracket, outside of all others. */
function verbAfterWith(sql: string): string {
  let depth = 0
  let last = ''
  for (const token of tokens(sql)) {
    const word = token.length <= 'select'.length ? foldCase(token) : token
    if (word === '(') depth += 1
    if (word === ')') depth -= 1
    else if (depth === 0 && last === ')' && word !== 'as' && word !== ',') return word === 'values' ? 'select' : word
    last = word
  }
  return ''
}
