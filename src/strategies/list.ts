import {usingDatabase} from '../database/connect.ts'
import {readMarker} from '../database/marker.ts'
import type {Pace} from '../fleet/pace.ts'
import {forEachDatabase} from '../fleet/run.ts'
import type {Platform} from '../platform/platform.ts'
import {type Kind, type Stage, stageOf} from './name.ts'

export type ListedStrategy = {name: string; kind: Kind; stage: Stage | null; template: string; url: string; createdAt: string}

export type ListResult = {
  strategies: ListedStrategy[]
  /** Databases that are not ours. */
  unmarked: {name: string; url: string}[]
  /** Databases that could not be read, with the reason. */
  unreadable: {name: string; reason: string}[]
}

/** Every database of the platform; its marker says whether it is ours, and what it is. */
export async function listStrategies({platform, pace}: {platform: Pick<Platform, 'listDatabases' | 'connect'>; pace: Pace}): Promise<ListResult> {
  const databases = await platform.listDatabases()
  const outcomes = await forEachDatabase(
    databases,
    async (database) => usingDatabase(await platform.connect(database), readMarker, {onRateLimit: (ms) => pace.refused(ms)}),
    {pace},
  )
  const result: ListResult = {strategies: [], unmarked: [], unreadable: []}
  for (const [index, outcome] of outcomes.entries()) {
    const {name, url} = databases[index] ?? {name: outcome.database, url: ''}
    if (outcome.status === 'failed') result.unreadable.push({name, reason: outcome.error.message})
    else if (outcome.result?.strategy !== name) result.unmarked.push({name, url})
    else
      result.strategies.push({
        name,
        kind: outcome.result.kind,
        stage: stageOf(name),
        template: outcome.result.template,
        url,
        createdAt: outcome.result.createdAt,
      })
  }
  return result
}
