import {StratError} from '../errors.ts'
import {nearest} from '../nearest.ts'
import type {Platform, PlatformDatabase} from '../platform/platform.ts'
import {forkedAt} from './fork-name.ts'
import {isInShard, type Shard} from './shard.ts'

/** Which databases a command is for: those that are named, or all; of these those of the stage, and of these those of the shard. */
export type Selection = {
  names: string[]
  all: boolean
  /** What the name begins with. Without names it stands for all of that stage. */
  stage?: 'stage' | 'live' | undefined
  /** What the marker says, which is read later; without names it stands for all of that kind. */
  kind?: 'strategy' | 'archive' | undefined
  shard?: Shard | undefined
}

/**
 * The databases that a command is for, in order of name; whether they are ours and of the wanted kind, their markers say.
 * None only where the shard has none.
 *
 * @throws StratError SELECTION_EMPTY, STRATEGY_NOT_FOUND, USAGE
 */
export async function selectDatabases(platform: Pick<Platform, 'listDatabases'>, selection: Selection): Promise<PlatformDatabase[]> {
  const {names, stage, shard} = selection
  refuseContradictions(selection)
  // The copies of a rehearsal come and go.
  const databases = (await platform.listDatabases()).filter(({name}) => !forkedAt(name))
  const wanted = names.length === 0 ? databases : names.map((name) => databases.find((database) => database.name === name) ?? notFound(name, databases))
  if (wanted.length === 0) throw empty('There is no database yet.', 'strat create stage-condor')
  const ofStage = wanted.filter(({name}) => !stage || stageOf(name) === stage)
  if (stage && ofStage.length === 0) throw noneOfStage(stage, wanted)
  return ofStage.filter(({name}) => !shard || isInShard(name, shard)).sort((a, b) => (a.name < b.name ? -1 : 1))
}

function refuseContradictions({names, all, stage, kind}: Selection): void {
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) throw new StratError('USAGE', `${repeated} is named twice.`, {suggestions: ['Name each strategy once.']})
  if (all && names.length > 0) throw new StratError('USAGE', 'Names and --all exclude each other.', {suggestions: ['Leave out --all, or the names.']})
  if (!all && !stage && !kind && names.length === 0) throw empty('No strategy is named.', 'Name strategies, or say --all.')
}

const stageOf = (name: string) => /^(stage|live)-/.exec(name)?.[1]

function noneOfStage(stage: string, databases: PlatformDatabase[]): StratError {
  const groups = Map.groupBy(databases, ({name}) => stageOf(name) ?? 'no stage')
  const counts = [...groups].map(([name, members]) => `${members.length} of ${name}`).sort()
  const others = [...groups.keys()].filter((name) => name !== 'no stage')
  return empty(`--stage ${stage} leaves no database; there are ${counts.join(', ')}.`, others[0] ? `--stage ${others[0]}` : '--all')
}

const empty = (message: string, suggestion: string) => new StratError('SELECTION_EMPTY', message, {suggestions: [suggestion]})

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
