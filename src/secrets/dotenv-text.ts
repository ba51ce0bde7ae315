import {isDeepStrictEqual, parseEnv} from 'node:util'

/** One assignment with the lines that its quoted value spans, or one line of anything else. */
type Line = {text: string; key?: string; before: string; after: string}

const assignment =
  /([ \t]*(?:export +)?([\w.-]+)[ \t]*=[ \t]*)(?:"(?:\\[\s\S]|[^"\\])*"|'[^']*'|`[^`]*`|[^\r\n#]*?(?=[ \t]*(?:#|\r?\n|$)))([^\r\n]*(?:\r?\n|$))/y
const anyLine = /[^\n]*(?:\n|$)/y

function split(text: string): Line[] {
  const lines: Line[] = []
  for (let at = 0; at < text.length; ) {
    assignment.lastIndex = at
    anyLine.lastIndex = at
    const found = assignment.exec(text)
    const line: Line = found
      ? {text: found[0], key: found[2] ?? '', before: found[1] ?? '', after: found[3] ?? ''}
      : {text: anyLine.exec(text)?.[0] ?? '', before: '', after: ''}
    lines.push(line)
    at += line.text.length
  }
  return lines
}

/**
 * The text of a dotenv file with these variables set: each where it stands first, else at the end, and nowhere else.
 * Everything else stays as it is, byte for byte. Undefined where the text cannot be read for certain.
 *
 * @param values plain: without line breaks, quotes, spaces and `#`
 */
export function setVariables(text: string, values: Record<string, string>): string | undefined {
  const missing = new Map(Object.entries(values))
  const kept = split(text).map(({text, key, before, after}) => {
    if (key === undefined || !Object.hasOwn(values, key)) return text
    const value = missing.get(key)
    missing.delete(key)
    return value === undefined ? '' : `${before}${value}${after.startsWith('#') ? ' ' : ''}${after}`
  })
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n'
  const edited = kept.join('')
  const gap = missing.size > 0 && edited !== '' && !edited.endsWith('\n') ? lineBreak : ''
  const result = edited + gap + [...missing].map(([key, value]) => `${key}=${value}${lineBreak}`).join('')
  return isDeepStrictEqual({...parseEnv(result)}, {...parseEnv(text), ...values}) ? result : undefined
}

/** The text of a dotenv file without these variables, all else as it is. Undefined where the text cannot be read for certain. */
export function removeVariables(text: string, names: readonly string[]): string | undefined {
  const result = split(text)
    .filter(({key}) => key === undefined || !names.includes(key))
    .map((line) => line.text)
    .join('')
  const others = Object.entries(parseEnv(text)).filter(([name]) => !names.includes(name))
  return isDeepStrictEqual({...parseEnv(result)}, Object.fromEntries(others)) ? result : undefined
}
