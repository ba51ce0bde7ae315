import {normalizeSql} from './sql.ts'

/** The tokens of a normalized text, which one space parts. */
const parts = /x?'[^']*(?:''[^']*)*'|"[^"]*(?:""[^"]*)*"|`[^`]*(?:``[^`]*)*`|\[[^\]]*\]|\S+/g

/**
 * A `CREATE` statement in lines for people, in one form for all spellings: of a table each column and constraint in its own line,
 * of a trigger each statement.
 */
export function sqlLines(sql: string): string[] {
  const lines: string[] = ['']
  let depth = 0
  const tokens = normalizeSql(sql).match(parts) ?? []
  const isTable = tokens[1] === 'table'
  for (const token of tokens) {
    if (token === ')') depth -= 1
    if (isTable && token === ')' && depth === 0) lines.push('')
    const isEnd = (isTable && depth === 1 && token === ',') || (!isTable && depth === 0 && token === ';')
    if (!isEnd) lines.push(append(lines.pop() ?? '', token))
    if (token === '(') depth += 1
    if (isEnd || (isTable && token === '(' && depth === 1) || (!isTable && token === 'begin')) lines.push('')
  }
  return lines.filter((line) => line !== '').map((line, at) => printable(at === 0 || /^(?:\)|end$)/.test(line) ? line : `  ${line}`))
}

const append = (line: string, token: string) => (line === '' || /[(.]$/.test(line) || /^[,).]$/.test(token) ? line + token : `${line} ${token}`)

/** A text with escapes instead of the characters that a terminal would obey. */
export const printable = (text: string) => text.replace(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
