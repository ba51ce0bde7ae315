import type {CompiledQuery} from 'kysely'
import type {Statement} from '../database/database.ts'
import {bookkeepingTables} from '../database/inspect.ts'
import {hostFunctionIn} from '../database/sql/host-functions.ts'
import {splitTokens, wordAt} from '../database/sql/split.ts'
import {kindOf} from '../database/sql/statement-kind.ts'
import {foldName, scan, type Token} from '../database/sql/tokens.ts'
import {StratError} from '../errors.ts'
import {toArguments} from './arguments.ts'
import {firstWord, hasWord} from './sql.ts'

/** Why a statement is refused, and what to do about it. */
type Refusal = [reason: string, suggestion: string]

const transactionWords = ['begin', 'commit', 'end', 'rollback', 'savepoint', 'release', 'vacuum', 'attach', 'detach']
const leaveItOut = 'Leave it out.'

/**
 * Checks one statement of a migration: it must be alone, leave the transaction around it and the bookkeeping as they are,
 * and do the same on every libSQL server.
 *
 * @throws StratError MIGRATION_STATEMENT_REFUSED
 */
export function toStatement(migration: string, {sql, parameters}: Pick<CompiledQuery, 'sql' | 'parameters'>): Statement {
  const refuse = ([reason, suggestion]: Refusal): never => {
    throw new StratError('MIGRATION_STATEMENT_REFUSED', `The migration ${migration} holds ${reason}: ${excerpt(sql)}`, {suggestions: [suggestion]})
  }
  const refusal = refusalOf(sql, [...scan(sql)])
  if (refusal) refuse(refusal)
  return {sql, args: toArguments(parameters, (reason, suggestion) => refuse([reason, suggestion]))}
}

function refusalOf(sql: string, tokens: Token[]): Refusal | undefined {
  const statements = splitTokens(tokens)
  const word = wordAt(tokens, 0) ?? ''
  if (sql.includes('\0')) return ['a NUL character, which ends the statement for SQLite', 'Give the value as a parameter.']
  if (statements.length === 0) return ['an empty statement', 'Remove it.']
  if (statements.length > 1 || word === ';') {
    return ['several statements in one text, of which only the first would be executed', 'Give each statement to its own execute().']
  }
  if (transactionWords.includes(word)) {
    return [`${word.toUpperCase()}, which cannot be part of a transaction`, 'Leave it out: strat runs the migration in a transaction.']
  }
  return serverRefusal(sql, tokens, word) ?? bookkeepingRefusal(tokens)
}

/** What Turso's servers refuse; a file would take some of it. */
function serverRefusal(sql: string, tokens: Token[], word: string): Refusal | undefined {
  const hostFunction = hostFunctionIn(sql)
  if (hostFunction) return [`${hostFunction}, which reaches beyond the database and which a server refuses`, leaveItOut]
  if (word === 'pragma' && setsSomething(tokens) && !isForeignKeysPragma(sql)) return ['a PRAGMA that sets something, which a server refuses', leaveItOut]
  if (kindOf(tokens) !== 'unsupported') return undefined
  if (word === 'create') return ['a temporary object, which a server refuses', 'Create it without TEMP, and drop it at the end of the migration.']
  return [word === 'pragma' ? 'a PRAGMA that a server refuses' : `${word.toUpperCase()}, which a server refuses`, leaveItOut]
}

const setsSomething = (tokens: Token[]) =>
  tokens.some(({text}, index) => text === '=' || text === '==' || (wordAt(tokens, index) === 'user_version' && tokens[index + 1]?.text === '('))

function bookkeepingRefusal(tokens: Token[]): Refusal | undefined {
  const names = new Set(bookkeepingTables)
  const token = tokens.find(({text}) => text.length < 100 && names.has(foldName(text)))
  return token && [`a statement on ${foldName(token.text)}, the bookkeeping of migrations`, 'A migration changes the tables of its strategy only.']
}

/** `strat` keeps foreign keys off while it migrates and checks them at the end, so a migration need not. */
export const isForeignKeysPragma = (sql: string) => firstWord(sql) === 'pragma' && (hasWord(sql, 'foreign_keys') || hasWord(sql, 'defer_foreign_keys'))

/** The beginning of a statement, for messages. */
function excerpt(sql: string): string {
  const line = sql.slice(0, 2000).replace(/\s+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}
