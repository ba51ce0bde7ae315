import type {ErrorCode, StratError} from '../errors.ts'
import type {Cause} from '../fleet/causes.ts'
import type {Outcome} from '../fleet/run.ts'
import type {Shard} from '../fleet/shard.ts'
import {MigrationError} from './migration-error.ts'
import type {ForkRehearsal} from './rehearse-on-fork.ts'
import type {SchemaDifference} from './schema-diff.ts'

/** What became of one database. */
export type MigratedDatabase =
  | {name: string; status: 'applied'; migrations: string[]; requests: number}
  | {name: string; status: 'current'; requests: number}
  | {name: string; status: 'skipped'; reason: string; code: ErrorCode}
  | {name: string; status: 'failed'; reason: string; code: ErrorCode; suggestions: string[]; migration?: string; statement?: string}

export type Summary = {
  applied: number
  current: number
  skipped: number
  failed: number
  causes: Cause[]
}

/** The databases of a class whose schema is not what their ledger says, and how it differs. */
export type Drift = {databases: string[]; differences: SchemaDifference[]}

/** The result of a run over a fleet: every database of it has an outcome. */
export type MigrateResult = {
  run: string
  /** How many kinds of database (strategy, archive) the run met. */
  kindRuns: number
  /** Which part of the fleet this was; null: all of it. */
  shard: Shard | null
  databases: MigratedDatabase[]
  /** Databases that a selection without names passed over because they are not ours. */
  unmarked: string[]
  drift: Drift[]
  /** What the rehearsals on copies showed, where they were asked for. */
  rehearsals: ForkRehearsal[]
  warnings: string[]
  /** Whether it was ended by Ctrl-C; what waited is skipped with the code INTERRUPTED. */
  interrupted: boolean
  summary: Summary
}

/** The reasons to leave a database alone that are no failures. */
const reasonsToSkip: ErrorCode[] = [
  'DATABASE_GONE',
  'GUARD_MARKET_OPEN',
  'GUARD_OPEN_POSITIONS',
  'INTERRUPTED',
  'MIGRATION_BEHIND',
  // Known to the other kind, as is checked before: a run up to a strategy's migration has nothing to do with an archive.
  'MIGRATION_UNKNOWN',
  'SCHEMA_DRIFTED',
  'WAVE_STOPPED',
]

/** Whether a database failed, as opposed to being left alone for a good reason. */
export const isFailure = ({code}: StratError) => !reasonsToSkip.includes(code)

/** The outcome of one database, as reports have it. */
export function toMigrated(outcome: Outcome<{applied: string[]; requests: number}>): MigratedDatabase {
  const name = outcome.database
  if (outcome.status === 'done') {
    const {applied, requests} = outcome.result
    return applied.length > 0 ? {name, status: 'applied', migrations: applied, requests} : {name, status: 'current', requests}
  }
  const {message: reason, code, suggestions} = outcome.error
  if (!isFailure(outcome.error)) return {name, status: 'skipped', reason, code}
  const details = outcome.error instanceof MigrationError ? {migration: outcome.error.migration, statement: outcome.error.statement} : {}
  return {name, status: 'failed', reason, code, suggestions, ...details}
}
