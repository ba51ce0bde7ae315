import {wordAt} from '../database/sql/split.ts'
import {foldName, type Token} from '../database/sql/tokens.ts'

/** The table named at an index, without its schema and as SQLite compares names, and the index behind it. */
export function tableNameAt(tokens: Token[], at: number): {name: string; next: number} | undefined {
  const named = wordAt(tokens, at + 1) === '.' ? at + 2 : at
  const token = tokens[named]
  return token && {name: foldName(token.text), next: named + 1}
}

/** The index behind `IF EXISTS` or `IF NOT EXISTS`, where that stands at an index. */
export function afterIf(tokens: Token[], at: number): number {
  if (wordAt(tokens, at) !== 'if') return at
  return wordAt(tokens, at + 1) === 'not' ? at + 3 : at + 2
}
