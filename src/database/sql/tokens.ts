/** A vertical tab is white space behind other white space, and nowhere else. */
const space = /[ \t\n\f\r][ \t-\r]*|\uFEFF/y
const word = /[\w$\u0080-\uFFFF]+/y
const number = /0[xX][\da-fA-F]+|\.?\d[\d.]*(?:[eE][+-]\d+)?[\w$.\u0080-\uFFFF]*/y
/** `x'00ff'`; one with something else in it is illegal, and ends where a string would. */
const blob = /[xX]'[^']*'?/y
const operator = /->>?|<[<=>]?|>[>=]?|==?|!=|\|\|/y
const parameter = /\?\d*/y
const variable = /[$@#:](?:[\w$\u0080-\uFFFF]|::)*/y
/** SQLite takes what stands in brackets after a variable into its name, quotes and all (Tcl's arrays). */
const subscript = /\([^\s)]*\)?/y
const closing: Record<string, string> = {"'": "'", '"': '"', '`': '`', '[': ']'}

/** A piece of an SQL text, and where it begins. */
export type Token = {text: string; start: number}

/**
 * The tokens of an SQL text where SQLite's own tokenizer (`tokenize.c`) splits it, one by one, without white space
 * and comments. What that one finds illegal comes in some pieces.
 */
export function* scan(sql: string): Generator<Token> {
  for (let start = 0; start < sql.length; ) {
    const gap = gapEnd(sql, start)
    const end = gap ?? tokenEnd(sql, start)
    if (gap === undefined) yield {text: sql.slice(start, end), start}
    start = end
  }
}

/** The texts of the tokens. */
export function* tokens(sql: string): Generator<string> {
  for (const {text} of scan(sql)) yield text
}

/** The first tokens of a text, in lower case as `foldCase` makes it. */
export function firstTokens(sql: string, count: number): string[] {
  const first: string[] = []
  for (const token of tokens(sql)) if (first.push(foldCase(token)) === count) break
  return first
}

/** A name as SQLite compares names: the letters of ASCII in lower case, all others as they are. */
export const foldCase = (name: string): string => name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** What a name stands for: without quotes, and folded. */
export function foldName(token: string): string {
  const quote = token.charAt(0)
  if (!closing[quote]) return foldCase(token)
  return foldCase(token.slice(1, -1).replaceAll(quote + quote, quote))
}

/** Whether something other than semicolons follows the first semicolon: not for a `CREATE TRIGGER`, which has its own. */
export function hasSeveralStatements(sql: string): boolean {
  if (!sql.includes(';')) return false
  let ended = false
  for (const token of tokens(sql)) {
    if (token === ';') ended = true
    else if (ended) return true
  }
  return false
}

/** Whether a text holds nothing that SQLite would execute. */
export function isBlank(sql: string): boolean {
  for (const token of tokens(sql)) if (token !== ';') return false
  return true
}

function gapEnd(sql: string, at: number): number | undefined {
  if (sql.startsWith('--', at)) return after(sql, '\n', at)
  if (sql.startsWith('/*', at)) return after(sql, '*/', at + 2)
  return match(space, sql, at)
}

function tokenEnd(sql: string, at: number): number {
  const quote = closing[sql.charAt(at)]
  if (quote) return quotedEnd(sql, quote, at)
  return (
    match(number, sql, at) ??
    match(parameter, sql, at) ??
    variableEnd(sql, at) ??
    match(blob, sql, at) ??
    match(word, sql, at) ??
    match(operator, sql, at) ??
    at + 1
  )
}

/** A doubled quote stands for itself, but there is none in brackets. */
function quotedEnd(sql: string, quote: string, at: number): number {
  let end = after(sql, quote, at + 1)
  while (quote !== ']' && sql.charAt(end) === quote) end = after(sql, quote, end + 1)
  return end
}

function variableEnd(sql: string, at: number): number | undefined {
  const end = match(variable, sql, at)
  return end === undefined || end === at + 1 ? end : (match(subscript, sql, end) ?? end)
}

function after(sql: string, mark: string, from: number): number {
  const found = sql.indexOf(mark, from)
  return found === -1 ? sql.length : found + mark.length
}

function match(pattern: RegExp, sql: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(sql) ? pattern.lastIndex : undefined
}
