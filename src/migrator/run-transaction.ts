import type {Database, Statement} from '../database/database.ts'
import {StratError} from '../errors.ts'
import {isStorageError} from '../storage-error.ts'
import {isChanged, openLegsIn} from './checks.ts'
import {violatingTable} from './foreign-keys.ts'
import {runInteractively} from './interactive.ts'
import type {Migration} from './migration.ts'
import {isDatabaseError, MigrationError, reasonOf} from './migration-error.ts'

/** A part of a transaction: a statement, or an interactive migration's `up` or `down`. */
export type Step = StatementStep | {migration: string; up: Migration['up']}
type StatementStep = {migration: string; statement: Statement; isClaim: boolean}

/** What is known of migrations that came to no end: those of a lost reply may be applied, or not. */
export type Unfinished = {again: true; cause: unknown; uncertain: string[]}

/** The migrations that a transaction applies or undoes, and all that it consists of. */
export type TransactionSteps = {names: string[]; steps: Step[]}

const isStatement = (step: Step): step is StatementStep => 'statement' in step

/**
 * Runs a transaction. Undefined: it was committed.
 *
 * @throws MigrationError; StratError GUARD_OPEN_POSITIONS; the client's own errors where the storage failed
 */
export async function runTransaction(database: Database, {names, steps}: TransactionSteps): Promise<Unfinished | undefined> {
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
    return undefined
  } catch (cause) {
    return {again: true, cause, uncertain: endedBy(database.name, cause, current ?? steps[statementIndexOf(cause)]) === 'unknown' ? names : []}
  }
}

/** Why a transaction is to be tried again: it came too late, or what became of it is unknown. Throws what ends the work. */
function endedBy(name: string, error: unknown, step: Step | undefined): 'late' | 'unknown' {
  if (error instanceof StratError || isStorageError(error)) throw error
  // Not the database's own word: whether the transaction was committed, only the ledger knows.
  if (!isDatabaseError(error)) return 'unknown'
  const isLate = step && isStatement(step) && step.isClaim && /UNIQUE constraint failed|already exists|no such table|has no column/.test(error.message)
  if (isLate || isChanged(error.message)) return 'late'
  const legs = openLegsIn(error.message)
  if (legs !== undefined) throw openPositions(name, legs)
  throw migrationError(error, step)
}

function migrationError(error: Error, step: Step | undefined): MigrationError {
  const orphaned = violatingTable(error.message)
  const reason = orphaned
    ? `rows of ${orphaned} would refer to nothing; while a migration runs, foreign keys do not cascade (if these rows were orphans before, mend them first)`
    : reasonOf(error)
  const statement = step && isStatement(step) && !orphaned ? step.statement.sql : ''
  return new MigrationError(step?.migration ?? '', statement, reason, error)
}

const openPositions = (name: string, legs: number) =>
  new StratError('GUARD_OPEN_POSITIONS', `${name} has ${legs} open ${legs === 1 ? 'leg' : 'legs'}.`, {
    suggestions: [
      'Run it again when the positions are closed, or add --force.',
      'A migration that harms no open position says so: export const safeWithOpenPositions = true',
    ],
  })

const statementIndexOf = (error: unknown) => (error instanceof Error && 'statementIndex' in error ? Number(error.statementIndex) : -1)
