import type {InValue} from '@libsql/client'
import type {CompiledQuery, QueryResult} from 'kysely'
import type {Statement} from '../database/database.ts'
import {StratError} from '../errors.ts'
import {messageOf} from './load.ts'
import type {Migration, Recording} from './migration.ts'
import {firstWord, hasSeveralStatements, hasWord} from './sql.ts'
import {withTimeout} from './timeout.ts'

/** What the recorder pretends that a database answered. A migration that does not look records the same with both. */
const answers: QueryResult<never>[] = [
  {rows: [], numAffectedRows: 0n, insertId: 0n},
  {rows: [], numAffectedRows: 7n, insertId: 7n},
]

const readingWords = ['select', 'values', 'with', 'pragma', 'explain']
const refusedWords = ['begin', 'commit', 'end', 'rollback', 'savepoint', 'release', 'vacuum', 'attach', 'detach']

/**
 * Runs a migration's `up` without a database and keeps the SQL that it would send.
 *
 * @throws StratError MIGRATION_INVALID, MIGRATION_STATEMENT_REFUSED, MIGRATION_TIMED_OUT
 */
export async function recordMigration(migration: Migration): Promise<Recording> {
  const [first, second] = await Promise.all(answers.map((answer) => recordOnce(migration, answer)))
  const reason = first?.reads ?? second?.reads ?? (sameStatements(first, second) ? undefined : 'its SQL is not the same each time')
  if (reason !== undefined) {
    return {name: migration.name, mode: 'interactive', reason, up: migration.up, checksum: await checksumOf(migration.up.toString().replace(/\s+/g, ''))}
  }
  const statements = first?.statements ?? []
  return {name: migration.name, mode: 'atomic', statements, checksum: await checksumOf(serialize(statements))}
}

type Take = {statements: Statement[]; reads: string | undefined}

async function recordOnce(migration: Migration, answer: QueryResult<never>): Promise<Take> {
  const take: Take = {statements: [], reads: undefined}
  // Only here: Kysely is needed by few commands and takes long to load.
  const {recordingKysely} = await import('./recording-driver.ts')
  const db = recordingKysely(take.statements, (query) => {
    const statement = toStatement(migration.name, query)
    const word = firstWord(statement.sql)
    if (isForeignKeysPragma(statement.sql)) return {rows: []}
    if (readingWords.includes(word) || hasWord(statement.sql, 'returning')) take.reads ??= `it reads (${word})`
    take.statements.push(statement)
    return answer
  })
  try {
    await withTimeout(Promise.resolve(migration.up(db)), migration.name, 'record')
  } catch (cause) {
    if (cause instanceof StratError) throw cause
    // A migration that reads found no rows here, and may rightly complain.
    if (!take.reads) throw failedToRecord(migration.name, cause)
  }
  return take
}

/** Checks one statement of a migration: it must be alone, and leave the transaction around it as it is. */
export function toStatement(migration: string, {sql, parameters}: Pick<CompiledQuery, 'sql' | 'parameters'>): Statement {
  const word = firstWord(sql)
  if (refusedWords.includes(word)) throw refused(migration, sql, `${word.toUpperCase()} cannot be part of a migration, which is one transaction`)
  if (hasSeveralStatements(sql)) throw refused(migration, sql, 'several statements in one text: only the first would be executed')
  if (word === '') throw refused(migration, sql, 'an empty statement')
  if (sql.includes('\0')) throw refused(migration, sql, 'a NUL character, which ends the statement for SQLite')
  return {sql, args: parameters.map((parameter) => toArgument(migration, sql, parameter))}
}

/** `strat` keeps foreign keys off while it migrates and checks them at the end, so a migration need not. */
export const isForeignKeysPragma = (sql: string) => firstWord(sql) === 'pragma' && (hasWord(sql, 'foreign_keys') || hasWord(sql, 'defer_foreign_keys'))

function toArgument(migration: string, sql: string, value: unknown): InValue {
  const type = typeof value
  const valid =
    value === null || ['string', 'bigint', 'boolean'].includes(type) || Number.isFinite(value) || value instanceof Uint8Array || value instanceof Date
  if (!valid) throw refused(migration, sql, `a parameter that is no value of SQLite: ${type === 'number' ? String(value) : type}`)
  return value as InValue
}

const refused = (migration: string, sql: string, reason: string) =>
  new StratError('MIGRATION_STATEMENT_REFUSED', `The migration ${migration} holds ${reason}: ${excerpt(sql)}`, {
    suggestions: ['Give each statement to its own execute().'],
  })

const failedToRecord = (migration: string, cause: unknown) =>
  new StratError('MIGRATION_INVALID', `The "up" of migration ${migration} throws: ${messageOf(cause)}.`, {
    suggestions: ['Mend the migration; no database was touched.'],
    cause,
  })

/** The beginning of a statement, for messages. */
export const excerpt = (sql: string) => {
  const line = sql.replace(/\s+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}

const sameStatements = (first: Take | undefined, second: Take | undefined) => serialize(first?.statements ?? []) === serialize(second?.statements ?? [])

/** A text that differs wherever the statements or the types or values of their parameters do. */
function serialize(statements: Statement[]): string {
  return JSON.stringify(statements.map(({sql, args}) => [sql, Object.values(args ?? []).map(serializeArgument)]))
}

function serializeArgument(value: InValue): [string, string] {
  if (value instanceof Uint8Array) return ['blob', Buffer.from(value).toString('hex')]
  if (value instanceof Date) return ['date', value.toISOString()]
  return [value === null ? 'null' : typeof value, String(value)]
}

async function checksumOf(text: string): Promise<string> {
  const {createHash} = await import('node:crypto')
  return createHash('sha256').update(text).digest('hex')
}
