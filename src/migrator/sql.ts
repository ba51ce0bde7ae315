const tokens = /\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|('(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[\p{L}_][\p{L}\p{N}_$]*|\d[\w.]*|[^\s])/gu

/** The tokens of an SQL text, without white space and comments. */
function tokenize(sql: string): string[] {
  return [...sql.matchAll(tokens)].flatMap(([, token]) => token ?? [])
}

/**
 * One form for all spellings of a statement: white space, comments, the case of words and the quotes around names do not
 * count, everything else does. For comparing what `sqlite_schema` holds.
 */
export function normalizeSql(sql: string): string {
  return tokenize(sql).map(normalizeToken).join(' ').replace(/ ;$/, '')
}

function normalizeToken(token: string): string {
  if (token.startsWith("'")) return token
  const name = /^["`[]([\p{L}_][\p{L}\p{N}_$]*)["`\]]$/u.exec(token)?.[1]
  return (name ?? token).toLowerCase()
}

/** The word that a statement begins with, in lower case: `select`, `create`, … */
export const firstWord = (sql: string) => tokenize(sql)[0]?.toLowerCase() ?? ''

/** Whether a word stands in a statement outside of strings, quoted names and comments. */
export const hasWord = (sql: string, word: string) => tokenize(sql).some((token) => token.toLowerCase() === word)

/** Whether a table or column of this plain name is mentioned, quoted or not. */
export const hasName = (sql: string, name: string) => tokenize(sql).some((token) => normalizeToken(token) === name)

/** Whether a text holds more than one statement; the semicolons inside a trigger's body do not count. */
export function hasSeveralStatements(sql: string): boolean {
  const words = tokenize(sql).map((token) => token.toLowerCase())
  const semicolon = words.findIndex((word, at) => word === ';' && (!isTrigger(words) || endsTrigger(words, at)))
  return semicolon !== -1 && words.slice(semicolon).some((word) => word !== ';')
}

function isTrigger([create, second, third]: string[]): boolean {
  return create === 'create' && (second === 'trigger' || (/^temp(orary)?$/.test(second ?? '') && third === 'trigger'))
}

/** SQLite's own rule (`sqlite3_complete`): a trigger ends with `; end ;`. */
const endsTrigger = (words: string[], at: number) => words[at - 1] === 'end' && words[at - 2] === ';'

/** The table that a `DROP TABLE` drops, without quotes; undefined for any other statement. */
export function droppedTable(sql: string): string | undefined {
  const words = tokenize(sql).filter((token) => token !== ';')
  if (words[0]?.toLowerCase() !== 'drop' || words[1]?.toLowerCase() !== 'table') return undefined
  return words.at(-1)?.replace(/^["'`[]|["'`\]]$/g, '')
}
