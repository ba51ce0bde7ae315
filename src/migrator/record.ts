import {types} from 'node:util'
import type {InValue} from '@libsql/client'
import type {QueryResult} from 'kysely'
import type {Statement} from '../database/database.ts'
import {messageOf, StratError} from '../errors.ts'
import type {Migration, Recording} from './migration.ts'
import {firstWord, hasWord} from './sql.ts'
import {isForeignKeysPragma, toStatement} from './statement.ts'
import {withinLimit} from './timeout.ts'

/** What the recorder pretends to a migration. One that looks at neither a database's answers nor the clock records the same with both. */
const pretences: Pretence[] = [
  {answer: {rows: [], numAffectedRows: 0n, insertId: 0n}, clockAheadMs: 0},
  {answer: {rows: [], numAffectedRows: 7n, insertId: 7n}, clockAheadMs: 400 * 24 * 60 * 60 * 1000 + 12_345_678},
]

type Pretence = {answer: QueryResult<never>; clockAheadMs: number}

const readingWords = ['select', 'values', 'with', 'pragma', 'explain']

/**
 * Runs a migration's `up` without a database and keeps the SQL that it would send. `onLate` hears of a statement that is
 * sent even after this has returned.
 *
 * @throws StratError MIGRATION_INVALID, MIGRATION_STATEMENT_REFUSED, MIGRATION_TIMED_OUT
 */
export async function recordMigration(migration: Migration, onLate: (error: StratError) => void = () => undefined): Promise<Recording> {
  const takes: Take[] = []
  for (const pretence of pretences) takes.push(await recordOnce(migration, pretence, onLate))
  const [first, second] = takes
  const reason = first?.reads ?? second?.reads ?? (sameStatements(first, second) ? undefined : 'its SQL is not the same each time')
  if (reason !== undefined) {
    return {name: migration.name, mode: 'interactive', reason, up: migration.up, checksum: await checksumOf(migration.up.toString().replace(/\s+/g, ''))}
  }
  const statements = first?.statements ?? []
  return {name: migration.name, mode: 'atomic', statements, checksum: await checksumOf(serialize(statements))}
}

type Take = {statements: Statement[]; reads: string | undefined}

async function recordOnce(migration: Migration, {answer, clockAheadMs}: Pretence, onLate: (error: StratError) => void): Promise<Take> {
  const take: Take = {statements: [], reads: undefined}
  let failure: unknown
  let isOver = false
  // Only here: Kysely is needed by few commands and takes long to load.
  const {recordingKysely} = await import('./recording-driver.ts')
  const db = recordingKysely(take.statements, (query) => {
    if (isOver) {
      failure ??= unawaited(migration.name)
      onLate(unawaited(migration.name))
    }
    try {
      const statement = toStatement(migration.name, query)
      if (isForeignKeysPragma(statement.sql)) return {rows: []}
      const word = firstWord(statement.sql)
      if (readingWords.includes(word) || hasWord(statement.sql, 'returning')) take.reads ??= `it reads (${word})`
      take.statements.push(statement)
      return answer
    } catch (error) {
      // Also where the migration does not wait for this statement, or takes no notice of its failure.
      failure ??= error
      throw error
    }
  })
  try {
    await withClockAhead(clockAheadMs, () => withinLimit(Promise.resolve(migration.up(db)), migration.name, 'record'))
  } catch (cause) {
    // A migration that reads found no rows here, and may rightly complain.
    if (cause instanceof StratError) throw cause
    if (!take.reads) throw failedToRecord(migration.name, cause)
  }
  isOver = true
  await afterOthers()
  if (failure) throw failure
  return take
}

/** Runs work while the clock of this process is ahead, for finding out whether it looks. */
async function withClockAhead<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const RealDate = globalThis.Date
  const now = () => RealDate.now() + ms
  // A proxy and no subclass, so that dates made before are still instances of it.
  const ShiftedDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  })
  if (ms > 0) globalThis.Date = ShiftedDate
  try {
    return await work()
  } finally {
    globalThis.Date = RealDate
  }
}

/** Lets go on what was begun and not waited for. */
export async function afterOthers(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** The error for a migration that goes on after it has said that it is done. */
export const unawaited = (migration: string) =>
  new StratError('MIGRATION_INVALID', `The "up" of migration ${migration} returns before all of its statements are sent.`, {
    suggestions: ['Put an await before each execute(); forEach does not wait, a for loop does.'],
  })

const failedToRecord = (migration: string, cause: unknown) =>
  new StratError('MIGRATION_INVALID', `The "up" of migration ${migration} throws: ${messageOf(cause)}.`, {
    suggestions: ['Mend the migration; no database was touched.'],
    cause,
  })

const sameStatements = (first: Take | undefined, second: Take | undefined) => serialize(first?.statements ?? []) === serialize(second?.statements ?? [])

/** A text that differs wherever the statements or the types or values of their parameters do. */
function serialize(statements: Statement[]): string {
  return JSON.stringify(statements.map(({sql, args}) => [sql, Object.values(args ?? []).map(serializeArgument)]))
}

function serializeArgument(value: InValue): [string, string] {
  if (value instanceof Uint8Array) return ['blob', Buffer.from(value).toString('hex')]
  if (types.isDate(value)) return ['date', value.toISOString()]
  return [value === null ? 'null' : typeof value, String(value)]
}

async function checksumOf(text: string): Promise<string> {
  const {createHash} = await import('node:crypto')
  return createHash('sha256').update(text).digest('hex')
}
