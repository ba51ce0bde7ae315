import {StratError} from './errors.ts'

const grammar = /^(?=\d)(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?$/
const longest = 365 * 24 * 3600

/**
 * The seconds that a token may live, from a duration in Turso's grammar (`2w1d12h30m`): a minute to 365 days.
 * Undefined for anything else, also for `never`: every token ends.
 */
export function parseLifetime(text: string): number | undefined {
  const units = grammar.exec(text)?.slice(1)
  if (!units) return undefined
  const [weeks = 0, days = 0, hours = 0, minutes = 0] = units.map((unit) => Number(unit ?? 0))
  const seconds = (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60
  return seconds >= 60 && seconds <= longest ? seconds : undefined
}

/**
 * As `parseLifetime`, for a text that must be a lifetime.
 *
 * @param subject what holds it, as it begins a sentence: a flag or a setting
 * @throws StratError USAGE
 */
export function requireLifetime(subject: string, text: string): number {
  const seconds = parseLifetime(text)
  if (seconds !== undefined) return seconds
  throw new StratError('USAGE', `${subject} takes how long a token lives, such as 90d, 12h or 2w1d, from 1m to 365d, not "${text}".`, {
    suggestions: [`${subject} 90d`],
  })
}
