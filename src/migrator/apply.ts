import type {Database, Statement} from '../database/database.ts'
import type {DatabaseState} from '../database/inspect.ts'
import {StratError} from '../errors.ts'
import {isStorageError} from '../storage-error.ts'
import {foreignKeyCheck, violatingTable} from './foreign-keys.ts'
import {runInteractively} from './interactive.ts'
import {bookkeeping, claim, ledgerClaim, nextTimestamps, type Run, recordApplied} from './ledger.ts'
import type {Migration, Recording} from './migration.ts'
import {isDatabaseError, MigrationError, reasonOf} from './migration-error.ts'

/** A part of a transaction: a statement, or an interactive migration's `up`. */
type Step = StatementStep | {migration: string; up: Migration['up']}
type StatementStep = {migration: string; statement: Statement; isClaim: boolean}

export type Application = {
  state: DatabaseState
  pending: Recording[]
  /** What else becomes true in the transaction that applies the last of `pending`; where its first statement conflicts, somebody else was faster. */
  completion: Statement[]
  run: Run
}

/** `again`: somebody else was faster, or a reply was lost. Read the database again, then decide. */
export type Applied = {again: false} | {again: true; cause: unknown}

/**
 * Applies migrations to one database: consecutive atomic ones in one request, each interactive one in a transaction of its own.
 *
 * @throws MigrationError, and the client's own errors where the storage failed
 */
export async function applyMigrations(database: Database, application: Application): Promise<Applied> {
  for (const steps of transactionsOf(application)) {
    const applied = await runTransaction(database, steps)
    if (applied.again) return applied
  }
  return {again: false}
}

function transactionsOf({state, pending, completion, run}: Application): Step[][] {
  const timestamps = nextTimestamps(state, pending.length)
  const groups = groupsOf(pending)
  return groups.map((group, index) => {
    const isFirst = index === 0
    const isLast = index === groups.length - 1
    const name = group.map(({name}) => name).join(', ') || 'the bookkeeping'
    const claims = group.map((recording) => claim(recording.name, timestamps[pending.indexOf(recording)] ?? ''))
    const claiming = (statements: Statement[]) => statements.map((statement): Step => ({migration: name, statement, isClaim: true}))
    const keeping = (statements: Statement[]) => statements.map((statement): Step => ({migration: name, statement, isClaim: false}))
    return [
      // Claims come first: a transaction must begin with a write, and of several runners all but one end here.
      ...claiming(isFirst ? ledgerClaim(state) : []),
      ...claiming(claims),
      ...keeping(isFirst ? bookkeeping(state) : []),
      ...group.flatMap((recording) => [...bodyOf(recording), ...keeping([recordApplied(recording, run)])]),
      ...(isLast ? [...claiming(completion.slice(0, 1)), ...keeping(completion.slice(1))] : []),
      ...keeping(foreignKeyCheck(state, group)),
    ]
  })
}

/** Atomic migrations that follow each other share a transaction; where there is nothing to migrate, there is still one to complete. */
function groupsOf(pending: Recording[]): Recording[][] {
  const groups: Recording[][] = []
  for (const recording of pending) {
    const last = groups.at(-1)
    if (recording.mode === 'atomic' && last?.every(({mode}) => mode === 'atomic')) last.push(recording)
    else groups.push([recording])
  }
  return groups.length > 0 ? groups : [[]]
}

function bodyOf(recording: Recording): Step[] {
  const migration = recording.name
  if (recording.mode === 'interactive') return [{migration, up: recording.up}]
  return recording.statements.map((statement) => ({migration, statement, isClaim: false}))
}

const isStatement = (step: Step): step is StatementStep => 'statement' in step

async function runTransaction(database: Database, steps: Step[]): Promise<Applied> {
  let current: Step | undefined
  try {
    if (steps.every(isStatement)) {
      await database.migrate(steps.map(({statement}) => statement))
    } else {
      await database.transaction(async (transaction) => {
        for (const step of steps) {
          current = step
          if (isStatement(step)) await transaction.execute(step.statement)
          else await runInteractively(transaction, step)
        }
      })
    }
    return {again: false}
  } catch (error) {
    return againOrThrow(error, current ?? steps[statementIndexOf(error)])
  }
}

function againOrThrow(error: unknown, step: Step | undefined): Applied {
  if (error instanceof StratError || isStorageError(error)) throw error
  // Not the database's own word: whether the transaction was committed, only the ledger knows.
  if (!isDatabaseError(error)) return {again: true, cause: error}
  if (step && isStatement(step) && step.isClaim && /UNIQUE constraint failed|already exists/.test(error.message)) return {again: true, cause: error}
  const orphaned = violatingTable(error.message)
  const reason = orphaned
    ? `rows of ${orphaned} would refer to nothing; while a migration runs, foreign keys do not cascade (if these rows were orphans before, mend them first)`
    : reasonOf(error)
  const statement = step && isStatement(step) && !orphaned ? step.statement.sql : ''
  throw new MigrationError(step?.migration ?? '', statement, reason, error)
}

const statementIndexOf = (error: unknown) => (error instanceof Error && 'statementIndex' in error ? Number(error.statementIndex) : -1)
