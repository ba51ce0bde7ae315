import {hostFunctionIn} from '../../database/sql/host-functions.ts'
import {splitTokens} from '../../database/sql/split.ts'
import {kindOf, mainWord, type StatementKind} from '../../database/sql/statement-kind.ts'
import {scan, type Token} from '../../database/sql/tokens.ts'

/** One statement of an SQL text, and what can be said of it without a database. */
export type ParsedStatement = {
  sql: string
  kind: StatementKind
  isExplain: boolean
  /** INSERT, UPDATE or DELETE: only of these there is a number of affected rows. */
  isChange: boolean
  isInsert: boolean
  /** As `sqlite3_stmt_readonly` has it: runs without changing the file; of an EXPLAIN what it explains counts. */
  isReadonly: boolean
  /** Changes the schema, or undoes such a change. */
  isSchemaChange: boolean
  /** Changes the connection rather than the database. */
  isPragma: boolean
  /** SQLite's parameters in the order of their indexes, which begin at 1: the name as it is written (`:a`, `?2`), or null for a bare `?`. */
  parameters: (string | null)[]
  /** The function or table in it that reaches beyond the database. */
  hostFunction: string | undefined
  /** Whether SQLite has found it free of syntax errors; that depends on no database. */
  isKnownSql: boolean
}

const cacheLimit = 500
const cachedLength = 2000

/** Parses SQL texts. Those that come again and again are parsed once. */
export class StatementParser {
  readonly #cache = new Map<string, ParsedStatement[]>()

  parse(sql: string): ParsedStatement[] {
    const known = this.#cache.get(sql)
    if (known) return known
    const statements = splitTokens([...scan(sql)]).map((tokens) => parseStatement(sql, tokens))
    if (sql.length <= cachedLength) {
      if (this.#cache.size >= cacheLimit) this.#cache.clear()
      this.#cache.set(sql, statements)
    }
    return statements
  }
}

function parseStatement(text: string, tokens: Token[]): ParsedStatement {
  const first = tokens[0]
  const last = tokens.at(-1)
  const sql = text.slice(first?.start, last && last.start + last.text.length)
  const kind = kindOf(tokens)
  const word = kind === 'explain' ? 'explain' : (mainWord(tokens) ?? '')
  return {
    sql,
    kind,
    isExplain: first?.text.toLowerCase() === 'explain',
    isChange: /^(?:insert|replace|update|delete)$/.test(word),
    isInsert: word === 'insert' || word === 'replace',
    isReadonly: isReadonly(tokens),
    isSchemaChange: /^(?:create|alter|drop|rollback)$/.test(word),
    isPragma: word === 'pragma',
    parameters: parametersOf(tokens),
    hostFunction: hostFunctionIn(sql),
    isKnownSql: false,
  }
}

function isReadonly(tokens: Token[]): boolean {
  const word = mainWord(tokens) ?? ''
  const has = (pattern: RegExp) => tokens.some(({text}) => pattern.test(text))
  if (word === 'begin') return !has(/^(?:immediate|exclusive)$/i)
  if (word === 'pragma') return !has(/^==?$/)
  return /^(?:select|values|commit|end|rollback|savepoint|release)$/.test(word)
}

/** SQLite's numbering: `?` takes the next index, `?N` is N, a name that came before is the same parameter. */
function parametersOf(tokens: Token[]): (string | null)[] {
  const parameters: (string | null)[] = []
  for (const {text} of tokens) {
    if (text === '?') parameters.push(null)
    else if (/^\?\d+$/.test(text)) {
      const index = Number(text.slice(1))
      // Past SQLite's own limit the statement is refused anyway.
      if (index > 32_766) continue
      while (parameters.length < index) parameters.push(null)
      parameters[index - 1] = text
    } else if (/^[:@$#]./u.test(text) && !parameters.includes(text)) parameters.push(text)
  }
  return parameters
}
