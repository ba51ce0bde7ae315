import {strategyNotFound} from '../fleet/select.ts'
import type {Platform, PlatformDatabase} from '../platform/platform.ts'
import {parseStrategyName} from './name.ts'

/**
 * The database of a strategy that must exist.
 *
 * @throws StratError STRATEGY_NOT_FOUND, with the names that may have been meant; STRATEGY_NAME_INVALID
 */
export async function findStrategy(platform: Pick<Platform, 'listDatabases' | 'getDatabase'>, name: string): Promise<PlatformDatabase> {
  parseStrategyName(name)
  const database = await platform.getDatabase(name)
  if (database) return database
  throw strategyNotFound(
    name,
    (await platform.listDatabases()).map((known) => known.name),
  )
}
