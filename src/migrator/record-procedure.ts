import type {QueryResult} from 'kysely'
import type {Statement} from '../database/database.ts'
import {messageOf, StratError} from '../errors.ts'
import {withClockAhead} from './clock-ahead.ts'
import type {Procedure} from './migration.ts'
import {serialize} from './serialize.ts'
import {firstWord, hasWord} from './sql.ts'
import {isForeignKeysPragma, toStatement} from './statement.ts'
import {withinLimit} from './timeout.ts'
import {afterOthers, unawaited} from './unawaited.ts'

/** What the recorder pretends to a migration. One that looks at neither a database's answers nor the clock records the same with both. */
const pretences: Pretence[] = [
  {answer: {rows: [], numAffectedRows: 0n, insertId: 0n}, clockAheadMs: 0},
  {answer: {rows: [], numAffectedRows: 7n, insertId: 7n}, clockAheadMs: 400 * 24 * 60 * 60 * 1000 + 12_345_678},
]

type Pretence = {answer: QueryResult<never>; clockAheadMs: number}

/** More than any migration needs; a loop that never ends comes this far before memory does. */
const maxStatements = 10_000

/** So many statements are refused with an error; a migration that takes no notice of the first may be in a loop. */
const maxRefused = 1000

const readingWords = ['select', 'values', 'with', 'pragma', 'explain']

/** What an `up` or `down` does: its statements, or why they cannot be known beforehand. */
export type Recorded = {mode: 'atomic'; statements: Statement[]} | {mode: 'interactive'; reason: string}

/**
 * Runs an `up` or `down` without a database, twice, and keeps the SQL that it would send. `onLate` hears of a statement that
 * is sent even after this has returned.
 *
 * @throws StratError MIGRATION_INVALID, MIGRATION_STATEMENT_REFUSED, MIGRATION_TIMED_OUT
 */
export async function recordProcedure(
  migration: string,
  direction: 'up' | 'down',
  procedure: Procedure,
  onLate: (error: StratError) => void,
): Promise<Recorded> {
  const takes: Take[] = []
  for (const pretence of pretences) takes.push(await recordOnce(migration, direction, procedure, pretence, onLate))
  const [first, second] = takes
  const reason = first?.reads ?? second?.reads ?? (sameStatements(first, second) ? undefined : 'its SQL is not the same each time')
  return reason === undefined ? {mode: 'atomic', statements: first?.statements ?? []} : {mode: 'interactive', reason}
}

type Take = {statements: Statement[]; reads: string | undefined}

async function recordOnce(
  migration: string,
  direction: 'up' | 'down',
  procedure: Procedure,
  {answer, clockAheadMs}: Pretence,
  onLate: (error: StratError) => void,
): Promise<Take> {
  const take: Take = {statements: [], reads: undefined}
  let failure: unknown
  let refused = 0
  let isOver = false
  // Only here: Kysely is needed by few commands and takes long to load.
  const {recordingKysely} = await import('./recording-driver.ts')
  const db = recordingKysely(take.statements, (query) => {
    if (isOver) {
      failure ??= unawaited(migration)
      onLate(unawaited(migration))
    }
    try {
      if (take.statements.length === maxStatements) throw tooMany(migration)
      const statement = toStatement(migration, query)
      if (isForeignKeysPragma(statement.sql)) return {rows: []}
      const word = firstWord(statement.sql)
      if (readingWords.includes(word) || hasWord(statement.sql, 'returning')) take.reads ??= `it reads (${word})`
      take.statements.push(statement)
      return answer
    } catch (error) {
      // Also where the migration does not wait for this statement, or takes no notice of its failure.
      failure ??= error
      refused += 1
      // One that goes on all the same is answered no more, so that its time runs out without it.
      if (refused > maxRefused) return new Promise<never>(() => undefined)
      throw error
    }
  })
  try {
    const returned: unknown = await withClockAhead(clockAheadMs, () => withinLimit(() => procedure(db), migration, 'record'))
    if (isUnexecuted(returned)) throw unexecuted(migration, direction)
  } catch (cause) {
    // A migration that reads found no rows here, and may rightly complain.
    if (cause instanceof StratError) throw failure ?? cause
    if (!take.reads) throw failedToRecord(migration, direction, cause)
  }
  isOver = true
  await withinLimit(afterOthers, migration, 'record')
  if (failure) throw failure
  return take
}

/** A query of Kysely's that nobody executes, or the generator that an `async function*` returns before it has done anything. */
const isUnexecuted = (returned: unknown) =>
  typeof returned === 'object' &&
  returned !== null &&
  (('execute' in returned && typeof returned.execute === 'function') || ('next' in returned && typeof returned.next === 'function'))

const unexecuted = (migration: string, direction: 'up' | 'down') =>
  new StratError('MIGRATION_INVALID', `The "${direction}" of migration ${migration} returns a query that it does not execute.`, {
    suggestions: ['End the query with .execute(), and make the function an async one that is no generator.'],
  })

const failedToRecord = (migration: string, direction: 'up' | 'down', cause: unknown) =>
  new StratError('MIGRATION_INVALID', `The "${direction}" of migration ${migration} throws: ${messageOf(cause)}.`, {
    suggestions: ['Mend the migration; no database was touched.'],
    cause,
  })

const tooMany = (migration: string) =>
  new StratError('MIGRATION_INVALID', `The migration ${migration} sends more than ${maxStatements.toLocaleString('en')} statements.`, {
    suggestions: ['Look for a loop that never ends; put many rows into one INSERT, or the work into several migrations.'],
  })

const sameStatements = (first: Take | undefined, second: Take | undefined) => serialize(first?.statements ?? []) === serialize(second?.statements ?? [])
