import {constants, type DatabaseSync} from 'node:sqlite'
import type Database from 'libsql'
import {hostFunctionIn} from '../../database/sql/host-functions.ts'
import {hasSeveralStatements, isBlank} from '../../database/sql/tokens.ts'
import type {Permission} from '../../platform/platform.ts'
import type {Access, Verdict} from './data-access.ts'
import {joinRequirements, rootPages} from './joined-tables.ts'
import {isGranted, onTable, withoutRepetition} from './requirement.ts'
import {copySchema, copySchemaToLibsql, type SchemaCopy, type SchemaRow} from './schema-copy.ts'
import {readFacts, type SchemaFacts} from './schema-facts.ts'
import {requirementsOf, textsOf} from './statement-requirements.ts'
import {alteredColumnTable, isBeginReadOnly, isExplain, joinsByName} from './verb.ts'

/** The bytecode of a longer text can have millions of rows. */
const longestJoin = 100_000
const remembered = {statements: 1000, length: 10_000}

/**
 * Checks statements against the permissions of a token, without running them: each is prepared on an empty copy of the database's schema,
 * where SQLite's authorizer tells every table that it reads or writes, also through views, triggers, foreign keys and subqueries.
 * What a statement needs is what SQLite's authorizer asks for. So `UPDATE t SET a = 1` needs `data_update` and, with a WHERE that names a
 * column, `data_read`; a RETURNING or a conflict target reads; an index reads what it indexes; a foreign key reads the table that it names.
 * A dropped table takes its rows along: `schema_delete` is enough. The schema may be read with a `data_read` on anything.
 * Where the copy cannot tell what a statement would do, it is refused.
 */
export class PermissionChecker {
  readonly #schema: SchemaRow[]
  readonly #copy: SchemaCopy<DatabaseSync>
  readonly #facts: SchemaFacts
  readonly #roots: Map<number, string>
  readonly #verdicts = new Map<string, Verdict>()
  #accesses: Access[] = []
  #libsql: SchemaCopy<Database.Database> | undefined

  /** `schema`: all of the database's `sqlite_schema`. Another schema, also in the midst of a transaction, takes another checker. */
  constructor(schema: SchemaRow[]) {
    this.#schema = schema
    this.#copy = copySchema(schema)
    this.#facts = readFacts(schema, this.#copy)
    this.#roots = rootPages(this.#copy.database)
    this.#copy.database.setAuthorizer((action, first, second, _, context) => {
      this.#accesses.push({action, first: first ?? '', second, context})
      // SQLite executes some pragmas while it prepares them: none may come so far.
      return action === constants.SQLITE_PRAGMA ? constants.SQLITE_DENY : constants.SQLITE_OK
    })
  }

  /** Why the permissions do not allow a statement, beginning as SQLite's own refusals do; undefined if they do, or if libSQL itself will refuse it. */
  refusal(sql: string, permissions: Permission[]): string | undefined {
    const verdict = this.#verdicts.get(sql) ?? this.#remember(sql, this.#judge(sql))
    if ('refused' in verdict) return verdict.refused
    return verdict.find((requirement) => !isGranted(requirement, permissions))?.refusal
  }

  close(): void {
    this.#copy.database.close()
    this.#libsql?.database.close()
  }

  #remember(sql: string, verdict: Verdict): Verdict {
    if (sql.length > remembered.length) return verdict
    const [oldest] = this.#verdicts.size < remembered.statements ? [] : this.#verdicts.keys()
    if (oldest !== undefined) this.#verdicts.delete(oldest)
    this.#verdicts.set(sql, verdict)
    return verdict
  }

  #judge(sql: string): Verdict {
    if (sql.includes('\0') || !sql.isWellFormed()) return {refused: 'not authorized: the text holds a NUL or half of a surrogate pair'}
    if (isBlank(sql)) return []
    const hostFunction = hostFunctionIn(sql)
    if (hostFunction) return {refused: `not authorized: ${hostFunction}`}
    this.#accesses = []
    try {
      return this.#prepare(sql)
    } catch (error) {
      const isPragma = this.#accesses.some(({action}) => action === constants.SQLITE_PRAGMA)
      if (isPragma) return hasSeveralStatements(sql) ? severalStatements : requirementsOf(sql, this.#accesses, this.#facts)
      return this.#judgeUnknown(sql, error)
    }
  }

  #prepare(sql: string): Verdict {
    const {sourceSQL} = this.#copy.database.prepare(sql)
    if (!isBlank(sql.slice(sourceSQL.length))) return severalStatements
    const verdict = requirementsOf(sql, this.#accesses, this.#facts)
    const texts = textsOf(sql, this.#accesses, this.#facts)
    if ('refused' in verdict || isExplain(sql) || !texts.some(joinsByName)) return verdict
    if (sql.length > longestJoin) return {refused: `not authorized: a statement with a NATURAL JOIN or USING is checked up to ${longestJoin} characters`}
    return withoutRepetition([...verdict, ...joinRequirements(this.#copy.database, this.#roots, texts)])
  }

  /** Of a statement that cannot be prepared here: it may be libSQL's own, or wrong there as well. */
  #judgeUnknown(sql: string, error: unknown): Verdict {
    const altered = alteredColumnTable(sql)
    if ((altered !== undefined || isBeginReadOnly(sql)) && hasSeveralStatements(sql)) return severalStatements
    if (altered?.startsWith('sqlite_')) return {refused: 'not authorized'}
    if (altered !== undefined) return [onTable('schema_update', altered)]
    if (isBeginReadOnly(sql)) return []
    this.#libsql ??= copySchemaToLibsql(this.#schema)
    if (this.#libsql.missing.length === 0 && !canPrepare(this.#libsql.database, sql)) return []
    return {refused: `not authorized: what this statement does cannot be checked (${error instanceof Error ? error.message : error})`}
  }
}

const severalStatements = {refused: 'not authorized: several statements in one text'}

function canPrepare(database: Database.Database, sql: string): boolean {
  try {
    database.prepare(sql)
    return true
  } catch {
    return false
  }
}
