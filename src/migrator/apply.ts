import type {Database, Statement} from '../database/database.ts'
import {type DatabaseState, hasTable} from '../database/inspect.ts'
import {StratError} from '../errors.ts'
import {isStorageError} from '../storage-error.ts'
import {isChanged, ledgerIsAsRead, markerIsAsRead, noOpenPositions, oneRowIsDeleted, openLegsIn, schemaIsAsRead} from './checks.ts'
import {foreignKeyCheck, violatingTable} from './foreign-keys.ts'
import {runInteractively} from './interactive.ts'
import {bookkeeping, claim, forgetApplied, ledgerClaim, nextTimestamps, type Run, recordApplied, unclaim} from './ledger.ts'
import type {Migration, Recording} from './migration.ts'
import {isDatabaseError, MigrationError, reasonOf} from './migration-error.ts'

/** A part of a transaction: a statement, or an interactive migration's `up` or `down`. */
type Step = StatementStep | {migration: string; up: Migration['up']}
type StatementStep = {migration: string; statement: Statement; isClaim: boolean}

export type Application = {
  state: DatabaseState
  /** What is executed, in this order. */
  recordings: Recording[]
  /** Whether they are recordings of `down`, whose migrations leave the ledger. Default: of `up`. */
  isUndo?: boolean
  /** Whether nothing happens while there are open legs. */
  refusesOpenPositions?: boolean
  /** What else becomes true in the transaction that applies the last of them; where its first statement conflicts, somebody else was faster. */
  completion?: Statement[]
  run: Run
}

/** `again`: somebody else was faster, or a reply was lost. Read the database again, then decide. */
export type Applied = {again: false} | (Unfinished & {applied: string[]})

/** What is known of migrations that came to no end: those of a lost reply may be applied, or not. */
type Unfinished = {again: true; cause: unknown; uncertain: string[]}

type TransactionSteps = {names: string[]; steps: Step[]}

/**
 * Applies migrations to one database: consecutive atomic ones in one request, each interactive one in a transaction of its own.
 * Each transaction begins by claiming its migrations and fails unless the database still is as it was read.
 *
 * @throws MigrationError; StratError GUARD_OPEN_POSITIONS; the client's own errors where the storage failed
 */
export async function applyMigrations(database: Database, application: Application): Promise<Applied> {
  const applied: string[] = []
  for (const transaction of transactionsOf(application)) {
    const unfinished = await runTransaction(database, transaction)
    if (unfinished) return {...unfinished, applied}
    applied.push(...transaction.names)
  }
  return {again: false}
}

function transactionsOf(application: Application): TransactionSteps[] {
  const {state, recordings, completion = [], refusesOpenPositions = false} = application
  const groups = groupsOf(recordings)
  let ledger = state.ledger
  return groups.map((group, index) => {
    const isFirst = index === 0
    const isLast = index === groups.length - 1
    const names = group.map(({name}) => name)
    const name = names.join(', ') || 'the bookkeeping'
    const claiming = (statements: Statement[]) => statements.map((statement): Step => ({migration: name, statement, isClaim: true}))
    const keeping = (statements: Statement[]) => statements.map((statement): Step => ({migration: name, statement, isClaim: false}))
    const claims = [...(isFirst ? ledgerClaim(state) : []), ...claimsOf(application, group)]
    const [completed = [], rest = []] = isLast ? [completion.slice(0, 1), completion.slice(1)] : []
    ledger = ledgerAfter(ledger, application, group)
    const steps = [
      // A transaction must begin with a write, and of several runners all but one end here.
      ...claiming(claims),
      ...keeping(isFirst ? bookkeeping(state) : []),
      ...claiming(claims.length > 0 ? [] : completed),
      ...claiming(state.marker ? [markerIsAsRead(state.marker)] : []),
      ...keeping([ledgerIsAsRead(ledger), ...(isFirst ? [schemaIsAsRead(state)] : [])]),
      ...keeping(isFirst && refusesOpenPositions && hasTable(state, 'active_positions') ? [noOpenPositions] : []),
      ...group.flatMap((recording) => [...bodyOf(recording), ...keeping(recordOf(application, recording))]),
      ...claiming(claims.length > 0 ? completed : []),
      ...keeping([...rest, ...foreignKeyCheck(state, group)]),
    ]
    return {names, steps}
  })
}

/** Atomic migrations that follow each other share a transaction; where there is nothing to migrate, there is still one to complete. */
function groupsOf(recordings: Recording[]): Recording[][] {
  const groups: Recording[][] = []
  for (const recording of recordings) {
    const last = groups.at(-1)
    if (recording.mode === 'atomic' && last?.every(({mode}) => mode === 'atomic')) last.push(recording)
    else groups.push([recording])
  }
  return groups.length > 0 ? groups : [[]]
}

function claimsOf({state, recordings, isUndo = false}: Application, group: Recording[]): Statement[] {
  if (isUndo) return group.flatMap(({name}) => [forgetApplied(name, runOf(state, name)), oneRowIsDeleted, unclaim(name)])
  const timestamps = nextTimestamps(state, recordings.length)
  return group.map((recording) => claim(recording.name, timestamps[recordings.indexOf(recording)] ?? ''))
}

function ledgerAfter(ledger: string[], {isUndo = false}: Application, group: Recording[]): string[] {
  const names = group.map(({name}) => name)
  return isUndo ? ledger.filter((name) => !names.includes(name)) : [...ledger, ...names]
}

const runOf = ({applied}: DatabaseState, name: string) => applied.find((record) => record.name === name)?.runId ?? ''

const recordOf = ({isUndo = false, run}: Application, recording: Recording) => (isUndo ? [] : [recordApplied(recording, run)])

function bodyOf(recording: Recording): Step[] {
  const migration = recording.name
  if (recording.mode === 'interactive') return [{migration, up: recording.up}]
  return recording.statements.map((statement) => ({migration, statement, isClaim: false}))
}

const isStatement = (step: Step): step is StatementStep => 'statement' in step

/** Undefined: it was committed. */
async function runTransaction(database: Database, {names, steps}: TransactionSteps): Promise<Unfinished | undefined> {
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
