import {hasCode, messageOf} from '../errors.ts'
import type {Pace} from '../fleet/pace.ts'
import {forEachDatabase} from '../fleet/run.ts'
import type {Platform} from '../platform/platform.ts'

export type ContainDependencies = {platform: Pick<Platform, 'configureDatabase' | 'getDatabase'>; pace: Pace}

/** Databases whose writes could not be blocked, or not be let again; `warnings` say why. */
type Left = {left: string[]; warnings: string[]}

/** Blocks the writes of databases, or lets them again; one that is gone is done. */
export async function setBlockWrites({platform, pace}: ContainDependencies, names: string[], blockWrites: boolean): Promise<Left> {
  const configure = ({name}: {name: string}) =>
    platform.configureDatabase(name, {blockWrites}).catch(async (error) => {
      if (!hasCode(error, 'DATABASE_NOT_FOUND') || (await platform.getDatabase(name))) throw error
    })
  const outcomes = await forEachDatabase(
    names.map((name) => ({name})),
    configure,
    {pace},
  )
  const failed = outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome] : []))
  const what = blockWrites ? 'could not be blocked' : 'are still blocked'
  return {left: failed.map(({database}) => database), warnings: failed.map(({database, error}) => `The writes of ${database} ${what}: ${messageOf(error)}.`)}
}
