import {wordAt} from './split.ts'
import type {Token} from './tokens.ts'

/** The index of the first token, from `from` on and outside of brackets, that is one of these words; the number of tokens where there is none. */
export function indexOutside(tokens: Token[], from: number, words: string[]): number {
  let depth = 0
  for (let index = from; index < tokens.length; index += 1) {
    const word = wordAt(tokens, index) ?? ''
    if (depth === 0 && words.includes(word)) return index
    if (word === '(') depth += 1
    else if (word === ')') depth -= 1
  }
  return tokens.length
}

/** The tokens between the commas that stand outside of brackets. */
export function splitAtCommas(tokens: Token[]): Token[][] {
  const parts: Token[][] = []
  for (let from = 0; from < tokens.length; ) {
    const comma = indexOutside(tokens, from, [','])
    parts.push(tokens.slice(from, comma))
    from = comma + 1
  }
  return parts
}

/** The tokens inside the brackets that open at `open`. */
export const inBrackets = (tokens: Token[], open: number): Token[] => tokens.slice(open + 1, indexOutside(tokens, open + 1, [')']))
