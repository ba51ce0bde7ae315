import {foldCase, type Token} from './tokens.ts'

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
export const wordAt = (tokens: Token[], index: number) => (tokens[index] === undefined ? undefined : foldCase(tokens[index].text))

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
