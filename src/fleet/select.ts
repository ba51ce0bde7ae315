import {StratError} from '../errors.ts'
import {nearest} from '../nearest.ts'
import type {Platform, PlatformDatabase} from '../platform/platform.ts'

/** Which databases a command is for: those that are named, or all. */
export type Selection = {names: string[]; all: boolean}

/**
 * The databases that a command is for, in order of name; whether they are ours, their markers say.
 *
 * @throws StratError SELECTION_EMPTY, STRATEGY_NOT_FOUND, USAGE
 */
export async function selectDatabases(platform: Pick<Platform, 'listDatabases'>, {names, all}: Selection): Promise<PlatformDatabase[]> {
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) throw new StratError('USAGE', `${repeated} is named twice.`, {suggestions: ['Name each strategy once.']})
  if (all && names.length > 0) throw new StratError('USAGE', 'Names and --all exclude each other.', {suggestions: ['Leave out --all, or the names.']})
  if (!all && names.length === 0) throw new StratError('SELECTION_EMPTY', 'No strategy is named.', {suggestions: ['Name strategies, or say --all.']})
  const databases = await platform.listDatabases()
  if (all) return databases
  return names.map((name) => databases.find((database) => database.name === name) ?? notFound(name, databases)).sort((a, b) => (a.name < b.name ? -1 : 1))
}

function notFound(name: string, databases: PlatformDatabase[]): never {
  throw strategyNotFound(
    name,
    databases.map((database) => database.name),
  )
}

/** The error for a name that no database has; it suggests the names that it may have meant. */
export function strategyNotFound(name: string, known: string[]): StratError {
  const similar = nearest(name, known)
  return new StratError('STRATEGY_NOT_FOUND', `There is no strategy ${name}.`, {
    suggestions: similar.length > 0 ? similar : ['strat list shows the strategies there are.'],
  })
}
