import {usingDatabase} from '../database/connect.ts'
import {inspectDatabase, requireMarker} from '../database/inspect.ts'
import type {ErrorCode} from '../errors.ts'
import {forEachDatabase, type Outcome, passOverUnmarked} from '../fleet/run.ts'
import {type Selection, selectDatabases} from '../fleet/select.ts'
import type {Platform} from '../platform/platform.ts'
import {type Standing, standingOf} from './plan.ts'
import {checkMigrations, type Kind, type RecordingsOf} from './recordings.ts'

export type DatabaseStatus = ({name: string; kind: Kind} & Standing) | {name: string; reason: string; code: ErrorCode}

export type StatusResult = {databases: DatabaseStatus[]; unmarked: string[]}

/** Where each selected database stands against the migrations of its kind. Writes nothing. */
export async function migrationStatus(
  {platform, recordingsOf}: {platform: Pick<Platform, 'listDatabases' | 'connect'>; recordingsOf: RecordingsOf},
  selection: Selection,
): Promise<StatusResult> {
  const databases = await selectDatabases(platform, selection)
  await checkMigrations(recordingsOf)
  const outcomes = await forEachDatabase(databases, async (database) =>
    usingDatabase(await platform.connect(database), async (opened) => {
      const state = await inspectDatabase(opened)
      const {kind} = requireMarker(database.name, state)
      return {kind, ...standingOf(await recordingsOf(kind), state)}
    }),
  )
  const {outcomes: ours, unmarked} = passOverUnmarked(outcomes, selection)
  return {databases: ours.map(toStatus), unmarked}
}

function toStatus(outcome: Outcome<{kind: Kind} & Standing>): DatabaseStatus {
  const name = outcome.database
  return outcome.status === 'done' ? {name, ...outcome.result} : {name, reason: outcome.error.message, code: outcome.error.code}
}
