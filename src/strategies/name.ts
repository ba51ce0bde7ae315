import {StratError} from '../errors.ts'

export const stages = ['stage', 'live'] as const
export type Stage = (typeof stages)[number]
export type Kind = 'strategy' | 'archive'

/** What a database's name says about the strategy or archive in it. */
export type StrategyName = {name: string; kind: Kind; stage: Stage | null}

const maxLength = 64

/**
 * Reads a name by the rules of Turso (lower-case letters, digits and dashes, at most 64) and of strat:
 * `stage-<rest>` or `live-<rest>` is a strategy; `archive` and `<name>-archive` are archives.
 *
 * @throws StratError STRATEGY_NAME_INVALID, with the nearest right name as a suggestion
 */
export function parseStrategyName(name: string): StrategyName {
  const reason = whyInvalid(name)
  if (reason) {
    throw new StratError('STRATEGY_NAME_INVALID', `"${name}" is not a strategy name: ${reason}.`, {suggestions: suggestName(name)})
  }
  return {name, kind: isArchiveName(name) ? 'archive' : 'strategy', stage: stageOf(name)}
}

function whyInvalid(name: string): string | undefined {
  if (name === '') return 'it is empty'
  if (name.length > maxLength) return `it has ${name.length} characters, ${maxLength} are allowed`
  if (!/^[a-z0-9-]+$/.test(name)) return 'only lower-case letters, digits and dashes are allowed'
  if (/^-|-$/.test(name)) return 'it must not begin or end with a dash'
  if (isArchiveName(name)) return undefined
  if (stages.some((stage) => name === stage)) return `"${name}-" must be followed by what the strategy does, as in ${name}-condor`
  if (!stageOf(name)) return `it must begin with its stage, ${stages.map((stage) => `${stage}-`).join(' or ')} (or be an archive: archive, <name>-archive)`
  return undefined
}

/** Whether a database of this name is an archive. */
export const isArchiveName = (name: string) => name === 'archive' || name.endsWith('-archive')

/** The stage that a name begins with; an archive may have none. */
export const stageOf = (name: string): Stage | null => stages.find((stage) => name.startsWith(`${stage}-`)) ?? null

function suggestName(name: string): string[] {
  const clean = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, maxLength - 'stage-'.length)
    .replace(/-+$/, '')
  if (clean === '') return ['Use a name like stage-condor or live-butterfly.']
  if (!whyInvalid(clean)) return [clean]
  if (stages.some((stage) => stage === clean)) return [`${clean}-condor`]
  return stages.map((stage) => `${stage}-${clean}`)
}
