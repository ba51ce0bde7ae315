import {firstTokens, foldCase, foldName, tokens} from '../database/sql/tokens.ts'

/**
 * One form for all spellings of a statement: white space, comments, the case of words and the quotes around names do not
 * count, everything else does. For comparing what `sqlite_schema` holds.
 */
export function normalizeSql(sql: string): string {
  const normalized: string[] = []
  let [beforeLast, last] = ['', '']
  for (const token of tokens(sql)) {
    normalized.push(last === 'default' && beforeLast !== 'set' ? normalizeDefault(token) : normalizeToken(token))
    beforeLast = last
    last = foldCase(token)
  }
  while (normalized.at(-1) === ';') normalized.pop()
  return normalized.join(' ')
}

function normalizeToken(token: string): string {
  if (!isQuotedName(token)) return token.startsWith("'") ? token : foldCase(token)
  const name = foldName(token)
  return /^[a-z_\u0080-\uFFFF][\w$\u0080-\uFFFF]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

const notTextDefaults = new Set(['null', 'true', 'false', 'current_date', 'current_time', 'current_timestamp', 'values'])

/** A name as the default of a column is a text to SQLite, and the case of its letters counts. */
function normalizeDefault(token: string): string {
  if (!isQuotedName(token) && (!/^[a-z_\u0080-\uFFFF]/i.test(token) || /^x'/i.test(token) || notTextDefaults.has(foldCase(token)))) return normalizeToken(token)
  return `'${unquote(token).replaceAll("'", "''")}'`
}

const isQuotedName = (token: string) => /^["`[]/.test(token)

/** What stands between the quotes of a name, as it is written. */
function unquote(token: string): string {
  const quote = token.charAt(0)
  return /["'`[]/.test(quote) ? token.slice(1, -1).replaceAll(quote + quote, quote) : token
}

/** The word that a statement begins with, in lower case: `select`, `create`, … */
export function firstWord(sql: string): string {
  for (const token of tokens(sql)) return foldCase(token)
  return ''
}

/** Whether a word stands in a statement outside of strings, quoted names and comments. */
export function hasWord(sql: string, word: string): boolean {
  for (const token of tokens(sql)) if (token.length === word.length && foldCase(token) === word) return true
  return false
}

/** The table that a `DROP TABLE` drops, in lower case and without quotes; undefined for any other statement. */
export function droppedTable(sql: string): string | undefined {
  // No more than `DROP TABLE IF EXISTS main.t`.
  const words = firstTokens(sql, 7).filter((token) => token !== ';')
  return words[0] === 'drop' && words[1] === 'table' ? foldName(words.at(-1) ?? '') : undefined
}

/** Whether a table or column of this name is mentioned, quoted or not. */
export function mentions(sql: string, name: string): boolean {
  const folded = foldCase(name)
  for (const token of tokens(sql)) if (!token.startsWith("'") && foldName(token) === folded) return true
  return false
}
