/** A piece of an SQL text that is neither white space nor comment. */
export type Token = {text: string; start: number}

/** White space and comments, words and numbers, parameters; each alone, so that no text makes it run away. */
const patterns = [/[\s\uFEFF]+|--[^\n]*/uy, /[\p{L}_][\p{L}\p{N}_$]*|\d[\p{L}\p{N}_.]*/uy, /\?\d*|[:@$#](?:[\p{L}\p{N}_$]|::)+(?:\([^)\s]*\))?/uy]
const closing: Record<string, string> = {"'": "'", '"': '"', '`': '`', '[': ']'}

/** The tokens of an SQL text as SQLite's own tokenizer cuts it, as far as statements, words and parameters go. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = []
  for (let start = 0; start < sql.length; ) {
    const [end, isToken] = nextEnd(sql, start)
    if (isToken) tokens.push({text: sql.slice(start, end), start})
    start = end
  }
  return tokens
}

function nextEnd(sql: string, start: number): [end: number, isToken: boolean] {
  const quote = closing[sql[start] ?? '']
  if (quote !== undefined) return [endOfQuoted(sql, start, quote), true]
  if (sql.startsWith('/*', start)) {
    const end = sql.indexOf('*/', start + 2)
    return [end === -1 ? sql.length : end + 2, false]
  }
  for (const [index, pattern] of patterns.entries()) {
    pattern.lastIndex = start
    if (pattern.test(sql)) return [pattern.lastIndex, index > 0]
  }
  return [start + 1, true]
}

/** A doubled quote stands for one, except in brackets. */
function endOfQuoted(sql: string, start: number, quote: string): number {
  for (let from = start + 1; ; ) {
    const end = sql.indexOf(quote, from)
    if (end === -1) return sql.length
    if (quote === ']' || sql[end + 1] !== quote) return end + 1
    from = end + 2
  }
}

/** The tokens of each statement, without its semicolon; the semicolons inside a trigger's body do not end it. */
export function splitTokens(tokens: Token[]): Token[][] {
  const statements: Token[][] = []
  let current: Token[] = []
  for (const token of tokens) {
    if (token.text === ';' && (!isTrigger(current) || isTriggerEnd(current))) {
      if (current.length > 0) statements.push(current)
      current = []
    } else current.push(token)
  }
  if (current.length > 0) statements.push(current)
  return statements
}

/** A token as a word in lower case, `undefined` past the end: keywords and plain names do not care for case. */
export const wordAt = (tokens: Token[], index: number) => tokens[index]?.text.toLowerCase()

/** The index of the first token behind `EXPLAIN` and `EXPLAIN QUERY PLAN`. */
export function afterExplain(tokens: Token[]): number {
  if (wordAt(tokens, 0) !== 'explain') return 0
  return wordAt(tokens, 1) === 'query' && wordAt(tokens, 2) === 'plan' ? 3 : 1
}

function isTrigger(tokens: Token[]): boolean {
  const at = afterExplain(tokens)
  if (wordAt(tokens, at) !== 'create') return false
  const next = wordAt(tokens, at + 1)
  return next === 'trigger' || ((next === 'temp' || next === 'temporary') && wordAt(tokens, at + 2) === 'trigger')
}

/** SQLite's own rule (`sqlite3_complete`): a trigger ends with `; end ;`. */
const isTriggerEnd = (tokens: Token[]) => wordAt(tokens, tokens.length - 1) === 'end' && wordAt(tokens, tokens.length - 2) === ';'
