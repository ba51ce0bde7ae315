import type {Selection} from '../fleet/select.ts'
import {type PlanOptions, planPending} from './class-plan.ts'
import {type PrepareDependencies, type PreparedFleet, prepareFleet} from './prepare.ts'
import {checkMigrations, type RecordingsOf} from './recordings.ts'

export type MigrateDependencies = PrepareDependencies & {recordingsOf: RecordingsOf}

/**
 * Finds out which migrations the selected databases lack, and rehearses them in memory; `changeFleet` applies them then.
 *
 * @throws StratError where the selection or the migrations themselves are wrong, or a rehearsal fails
 */
export async function prepareMigration(dependencies: MigrateDependencies, input: Selection & PlanOptions): Promise<PreparedFleet> {
  const {recordingsOf} = dependencies
  await checkMigrations(recordingsOf, input.to)
  return prepareFleet(dependencies, input, planPending(recordingsOf, input))
}
