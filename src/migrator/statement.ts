import {types} from 'node:util'
import type {InValue} from '@libsql/client'
import type {CompiledQuery} from 'kysely'
import type {Statement} from '../database/database.ts'
import {bookkeepingTables} from '../database/inspect.ts'
import {StratError} from '../errors.ts'
import {firstWord, hasName, hasSeveralStatements, hasWord} from './sql.ts'

const transactionWords = ['begin', 'commit', 'end', 'rollback', 'savepoint', 'release', 'vacuum', 'attach', 'detach']

const oneEach = 'Give each statement to its own execute().'
const noTransaction = 'Leave it out: strat runs the migration in a transaction.'

/**
 * Checks one statement of a migration: it must be alone, leave the transaction around it and the bookkeeping as they are,
 * and do the same on every libSQL server.
 *
 * @throws StratError MIGRATION_STATEMENT_REFUSED
 */
export function toStatement(migration: string, {sql, parameters}: Pick<CompiledQuery, 'sql' | 'parameters'>): Statement {
  const refuse = (reason: string, suggestion: string) => {
    throw new StratError('MIGRATION_STATEMENT_REFUSED', `The migration ${migration} holds ${reason}: ${excerpt(sql)}`, {suggestions: [suggestion]})
  }
  const word = firstWord(sql)
  const table = bookkeepingTables.find((name) => hasName(sql, name))
  if (word === '') refuse('an empty statement', 'Remove it.')
  if (sql.includes('\0')) refuse('a NUL character, which ends the statement for SQLite', 'Give the value as a parameter.')
  if (hasSeveralStatements(sql)) refuse('several statements in one text, of which only the first would be executed', oneEach)
  if (transactionWords.includes(word)) refuse(`${word.toUpperCase()}, which cannot be part of a transaction`, noTransaction)
  if (word === 'pragma' && hasWord(sql, '=') && !isForeignKeysPragma(sql)) refuse('a PRAGMA that sets something, which a server refuses', 'Leave it out.')
  if (table) refuse(`a statement on ${table}, the bookkeeping of migrations`, 'A migration changes the tables of its strategy only.')
  const args = parameters.map((parameter) => {
    if (!isArgument(parameter)) refuse(`a parameter that is no value of SQLite (${describe(parameter)})`, 'Use null, text, finite numbers, dates or bytes.')
    return parameter as InValue
  })
  return {sql, args}
}

/** `strat` keeps foreign keys off while it migrates and checks them at the end, so a migration need not. */
export const isForeignKeysPragma = (sql: string) => firstWord(sql) === 'pragma' && (hasWord(sql, 'foreign_keys') || hasWord(sql, 'defer_foreign_keys'))

/** The beginning of a statement, for messages. */
function excerpt(sql: string): string {
  const line = sql.replace(/\s+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}

function isArgument(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || value instanceof Uint8Array) return true
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value
  return Number.isFinite(types.isDate(value) ? value.getTime() : value)
}

const describe = (value: unknown) =>
  typeof value === 'number' || typeof value === 'bigint' ? String(value) : types.isDate(value) ? 'an invalid date' : typeof value
