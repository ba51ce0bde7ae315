import {StratError} from '../errors.ts'

/** Databases that are worked on together, before the next wave begins. */
export type Wave<D> = {name: string; databases: D[]}

/** The order where none is given: what is tried out before what trades with money. */
export const defaultWaves = ['stage-*', 'live-*']

/**
 * Puts each database into the wave of the first pattern that its name matches, in the order of the patterns; those that none matches
 * come last. In a pattern `*` stands for any characters, all others for themselves. Waves without a database are left out.
 */
export function wavesOf<D extends {name: string}>(databases: D[], patterns: string[] = defaultWaves): Wave<D>[] {
  const tests = patterns.map(patternTest)
  const members = Map.groupBy(databases, ({name}) => {
    const first = tests.findIndex((test) => test.test(name))
    return first < 0 ? patterns.length : first
  })
  return [...patterns, 'the rest'].flatMap((name, index) => {
    const databases = members.get(index)
    return databases ? [{name, databases}] : []
  })
}

/** What tells whether a name matches a pattern, in which `*` stands for any characters. */
export const patternTest = (pattern: string) => new RegExp(`^${pattern.split(/\*+/).map(RegExp.escape).join('.*')}$`, 's')

/**
 * A pattern as `--wave` takes it. An empty one, as of a variable that is not set, would put all into one wave.
 *
 * @throws StratError USAGE
 */
export function parsePattern(text: string): string {
  if (text.trim() !== '') return text
  throw new StratError('USAGE', '--wave takes a pattern of names, and not an empty text.', {suggestions: ["--wave 'stage-*' --wave 'live-*'"]})
}
