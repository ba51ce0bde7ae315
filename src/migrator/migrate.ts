import {usingDatabase} from '../database/connect.ts'
import {requireMarker} from '../database/inspect.ts'
import type {ErrorCode, StratError} from '../errors.ts'
import {forEachDatabase, type Outcome, passOverUnmarked} from '../fleet/run.ts'
import {type Selection, selectDatabases} from '../fleet/select.ts'
import type {Platform} from '../platform/platform.ts'
import type {OnProgress} from '../progress.ts'
import type {Run} from './ledger.ts'
import {migrateDatabase} from './migrate-database.ts'
import {MigrationError} from './migration-error.ts'
import {checkMigrations, type Kind, type RecordingsOf} from './recordings.ts'
import {summarize} from './summarize.ts'

export type MigrateDependencies = {
  platform: Pick<Platform, 'listDatabases' | 'connect'>
  recordingsOf: RecordingsOf
  run: Run
  onProgress: OnProgress
}

export type MigratedDatabase =
  | {name: string; status: 'applied'; migrations: string[]; requests: number}
  | {name: string; status: 'current'; requests: number}
  | {name: string; status: 'skipped'; reason: string; code: ErrorCode}
  | {name: string; status: 'failed'; reason: string; code: ErrorCode; suggestions: string[]; migration?: string; statement?: string}

/** The result of a run over a fleet: every database of it has an outcome. */
export type MigrateResult = {
  run: string
  /** How many kinds of database (strategy, archive) the run met. */
  kindRuns: number
  /** Which part of the fleet this was; null: all of it. */
  shard: {index: number; count: number} | null
  databases: MigratedDatabase[]
  /** Databases that `--all` passed over because they are not ours. */
  unmarked: string[]
  /** Whether it was ended by Ctrl-C; what waited is skipped with the code INTERRUPTED. */
  interrupted: boolean
  summary: {applied: number; current: number; skipped: number; failed: number; causes: {reason: string; count: number; example: string}[]}
}

/**
 * Applies the pending migrations of every selected database; the failure of one leaves the others alone.
 *
 * @throws StratError where the selection or the migrations themselves are wrong: then no database is touched
 */
export async function migrateFleet(
  {platform, recordingsOf, run, onProgress}: MigrateDependencies,
  input: Selection & {to?: string | undefined},
): Promise<MigrateResult> {
  const databases = await selectDatabases(platform, input)
  await checkMigrations(recordingsOf, input.to)
  const kinds = new Set<Kind>()
  const outcomes = await forEachDatabase(databases, async (database) => {
    onProgress({message: `Migrating ${database.name}`})
    return usingDatabase(await platform.connect(database), async (opened) => {
      const {applied} = await migrateDatabase(opened, {
        run,
        to: input.to,
        recordingsFor(state) {
          const {kind} = requireMarker(database.name, state)
          kinds.add(kind)
          return recordingsOf(kind)
        },
      })
      return {applied, requests: opened.requests}
    })
  })
  const {outcomes: ours, unmarked} = passOverUnmarked(outcomes, input)
  const results = ours.map(toMigrated)
  return {run: run.id, kindRuns: kinds.size, shard: null, databases: results, unmarked, interrupted: false, summary: summarize(results)}
}

function toMigrated(outcome: Outcome<{applied: string[]; requests: number}>): MigratedDatabase {
  const name = outcome.database
  // Known to the other kind, as was checked: a run up to a strategy's migration has nothing to do with an archive.
  if (outcome.status === 'failed' && outcome.error.code === 'MIGRATION_UNKNOWN')
    return {name, status: 'skipped', reason: outcome.error.message, code: outcome.error.code}
  if (outcome.status === 'failed') return {name, status: 'failed', ...failure(outcome.error)}
  const {applied, requests} = outcome.result
  return applied.length > 0 ? {name, status: 'applied', migrations: applied, requests} : {name, status: 'current', requests}
}

function failure(error: StratError) {
  const details = error instanceof MigrationError ? {migration: error.migration, statement: error.statement} : {}
  return {reason: error.message, code: error.code, suggestions: error.suggestions, ...details}
}
