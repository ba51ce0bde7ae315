import {StratError} from './errors.ts'
import {requireLifetime} from './lifetime.ts'
import type {Settings} from './settings.ts'
import type {RotationPolicy} from './tokens/due.ts'

/**
 * When tokens are replaced, by the settings.
 *
 * @throws StratError USAGE for a text that is no duration, CONFIG_INVALID where a token would expire before its successor comes
 */
export function rotationPolicyOf({
  'tokens.lifetime': lifetime,
  'tokens.interval': interval,
}: Pick<Settings, 'tokens.lifetime' | 'tokens.interval'>): RotationPolicy {
  const lifetimeSeconds = requireLifetime('tokens.lifetime', lifetime.value)
  const intervalSeconds = requireLifetime('tokens.interval', interval.value)
  if (lifetimeSeconds > intervalSeconds) return {lifetimeSeconds, intervalSeconds}
  throw new StratError(
    'CONFIG_INVALID',
    `tokens.lifetime (${lifetime.value}) must be longer than tokens.interval (${interval.value}): a token would expire before it is replaced.`,
    {
      suggestions: ["tokens: {lifetime: '90d', interval: '30d'}", 'Three times the interval outlives any run that holds the token before.'],
    },
  )
}
