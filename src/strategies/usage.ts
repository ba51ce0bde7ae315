import {StratError} from '../errors.ts'
import type {DatabaseUsage, Platform, PlatformUsage, Quota} from '../platform/platform.ts'

/** How much of something is used and will be at the month's end, also in percent of the plan's quota; null where there is none. */
export type Measure = Quota & {percent: number | null; projected: number; projectedPercent: number | null}

export type UsageReport = Record<MeasureName, Measure> & {
  plan: string
  /** `2026-11`, in UTC as the platform counts. */
  month: string
  /** Every database of the plan, also those that are no strategies, the biggest consumers first. */
  strategies: DatabaseUsage[]
}

export const measureNames = ['databases', 'storageBytes', 'rowsRead', 'rowsWritten'] as const

export type MeasureName = (typeof measureNames)[number]

/** What a person calls them. */
export const measureLabels: Record<MeasureName, string> = {databases: 'databases', storageBytes: 'storage', rowsRead: 'rows read', rowsWritten: 'rows written'}

const dayMs = 24 * 3600 * 1000

/**
 * What the month has cost so far and where that leads. Rows are counted from the month's beginning, so they are projected as if they
 * went on like this; of the first day counts the whole, because an hour tells nothing. Databases and storage are what there is
 * today, and are projected as they are: nothing says that they grow evenly, and they do not begin anew each month.
 */
export async function readUsage({platform, now}: {platform: Pick<Platform, 'readUsage'>; now: Date}): Promise<UsageReport> {
  const usage = await platform.readUsage()
  const begin = Date.UTC(now.getUTCFullYear(), now.getUTCMonth())
  const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1)
  const growth = (end - begin) / Math.max(now.getTime() - begin, dayMs)
  return {
    plan: usage.plan,
    month: now.toISOString().slice(0, 7),
    databases: toMeasure(usage.databases, 1),
    storageBytes: toMeasure(usage.storageBytes, 1),
    rowsRead: toMeasure(usage.rowsRead, growth),
    rowsWritten: toMeasure(usage.rowsWritten, growth),
    strategies: biggestFirst(usage),
  }
}

function toMeasure({used, quota}: Quota, growth: number): Measure {
  const projected = Math.round(used * growth)
  return {used, quota, percent: percentOf(used, quota), projected, projectedPercent: percentOf(projected, quota)}
}

/** To a tenth. Of a quota of 0 nothing is nothing and anything is all of it. */
function percentOf(used: number, quota: number | null): number | null {
  if (quota === null) return null
  if (quota <= 0) return used > 0 ? 100 : 0
  return Math.round((used / quota) * 1000) / 10
}

/** By the largest share that a database has of a quota; where there is none, of what all have used. */
function biggestFirst({perDatabase, storageBytes, rowsRead, rowsWritten}: PlatformUsage): DatabaseUsage[] {
  const share = (used: number, total: Quota) => used / Math.max(total.quota ?? total.used, 1)
  const weightOf = (database: DatabaseUsage) =>
    Math.max(share(database.storageBytes, storageBytes), share(database.rowsRead, rowsRead), share(database.rowsWritten, rowsWritten))
  return perDatabase.toSorted((a, b) => weightOf(b) - weightOf(a) || (a.name < b.name ? -1 : 1))
}

/**
 * Makes sure that nothing is above a part of its quota, neither today nor by the projection at the month's end: a daily job wants
 * to know while there is time.
 *
 * @throws StratError USAGE_ABOVE_LIMIT, which names all that is above, and when
 */
export function checkBelow(report: UsageReport, limitPercent: number): void {
  const reasons = measureNames.flatMap((name) => {
    const {used, percent, projected, projectedPercent, quota} = report[name]
    const isAbove = (amount: number) => quota !== null && amount * 100 > limitPercent * quota
    if (isAbove(used)) return [`${measureLabels[name]} ${percent}% today`]
    return isAbove(projected) ? [`${measureLabels[name]} ${projectedPercent}% by the end of the month`] : []
  })
  if (reasons.length === 0) return
  throw new StratError('USAGE_ABOVE_LIMIT', `Above ${limitPercent}% of the plan ${report.plan}: ${reasons.join(', ')}.`, {
    suggestions: ['strat usage shows who uses most.', 'Destroy what is not needed any more, or take a larger plan.'],
  })
}
