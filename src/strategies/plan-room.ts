import {StratError} from '../errors.ts'
import type {Platform, PlatformUsage} from '../platform/platform.ts'
import {withTimeout} from '../timeout.ts'
import {measureLabels, measureNames} from './usage.ts'

const nearlyFull = 0.9

/**
 * Looks whether the plan has room for one more database, and returns what a person should know of it.
 * Where the usage cannot be read within 5 seconds, there is room: the platform itself has the last word.
 *
 * @throws StratError PLAN_FULL
 */
export async function checkPlanRoom(platform: Pick<Platform, 'readUsage'>): Promise<string[]> {
  const usage = await withTimeout(platform.readUsage(), 5000, () => new Error('The usage came too late.')).catch(() => undefined)
  if (!usage) return []
  const {plan, databases} = usage
  if (databases.quota !== null && databases.used >= databases.quota) {
    throw new StratError('PLAN_FULL', `The plan ${plan} allows ${databases.quota} databases, and there are ${databases.used}.`, {
      suggestions: ['strat usage shows what uses it.', 'strat destroy NAME deletes a strategy that is not needed any more.', 'Take a larger plan.'],
    })
  }
  return warningsOf(usage)
}

/** Of the databases, the one that is about to be made counts. */
function warningsOf(usage: PlatformUsage): string[] {
  const shares = measureNames.flatMap((name) => {
    const {used, quota} = name === 'databases' ? {...usage.databases, used: usage.databases.used + 1} : usage[name]
    return quota !== null && used >= nearlyFull * quota ? [`${measureLabels[name]} ${Math.floor((used / Math.max(quota, 1)) * 100)}%`] : []
  })
  return shares.length > 0 ? [`The plan ${usage.plan} is nearly full: ${shares.join(', ')}. strat usage tells more.`] : []
}
