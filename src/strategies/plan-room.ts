import {StratError} from '../errors.ts'
import type {Platform, PlatformUsage, Quota} from '../platform/platform.ts'
import {withTimeout} from '../timeout.ts'

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

function warningsOf({plan, databases, storageBytes, rowsRead, rowsWritten}: PlatformUsage): string[] {
  const after = {...databases, used: databases.used + 1}
  const measures: [string, Quota][] = [
    ['databases', after],
    ['storage', storageBytes],
    ['rows read', rowsRead],
    ['rows written', rowsWritten],
  ]
  const full = measures.filter(([, {used, quota}]) => quota !== null && used >= nearlyFull * quota)
  if (full.length === 0) return []
  const shares = full.map(([name, {used, quota}]) => `${name} ${Math.floor((used / Math.max(quota ?? 1, 1)) * 100)}%`)
  return [`The plan ${plan} is nearly full: ${shares.join(', ')}. strat usage tells more.`]
}
