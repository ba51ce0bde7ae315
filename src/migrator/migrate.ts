import {selectDatabases} from '../fleet/select.ts'
import type {Platform} from '../platform/platform.ts'
import {type ChangeDependencies, type ChangeInput, changeFleet} from './change-fleet.ts'
import {planPending} from './class-plan.ts'
import {checkMigrations, type RecordingsOf} from './recordings.ts'
import type {MigrateResult} from './result.ts'

export type MigrateDependencies = ChangeDependencies & {platform: Pick<Platform, 'listDatabases' | 'connect'>; recordingsOf: RecordingsOf}

export type MigrateInput = ChangeInput & {
  /** The last migration to apply. Default: all. */
  to?: string | undefined
  /** Whether a database is migrated although its schema is not what its ledger says. */
  allowDrift: boolean
}

/**
 * Applies the pending migrations of every selected database; the failure of one leaves the others of its wave alone.
 *
 * @throws StratError where the selection or the migrations themselves are wrong, or a rehearsal fails: then no database is touched
 */
export async function migrateFleet(dependencies: MigrateDependencies, input: MigrateInput): Promise<MigrateResult> {
  const {platform, recordingsOf} = dependencies
  const databases = await selectDatabases(platform, input)
  await checkMigrations(recordingsOf, input.to)
  return changeFleet(dependencies, databases, input, planPending(recordingsOf, {...input, isRehearsed: true}))
}
