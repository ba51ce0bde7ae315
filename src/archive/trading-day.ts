import {localTime, type Market} from '../fleet/market.ts'
import type {Instant} from './timestamps.ts'

const dayMillis = 86_400_000

/**
 * The last instant whose trades are over and done with: before the current trading day began in the market's time zone, and at least
 * 24 hours before now. On a day without trading the current trading day is still the last one, as corrections of it may come.
 */
export function settledUntil(market: Market, now: Instant): Instant {
  const nowMillis = Math.floor(now / 1000)
  const beginsMillis = startOfDay(market.timeZone, currentTradingDay(market, nowMillis))
  return Math.min(beginsMillis * 1000 - 1, now - dayMillis * 1000)
}

/** Today in the market's time zone, or the last day before it on which the market trades. */
function currentTradingDay({timeZone, days, holidays}: Market, nowMillis: number): string {
  const {date: today} = localTime(timeZone, new Date(nowMillis))
  // Each holiday can take away the only day of trading in a week.
  const farthest = 7 * (holidays.length + 1)
  for (let back = 0; back < farthest; back++) {
    const {weekday, date} = localTime('UTC', new Date(Date.parse(today) - back * dayMillis))
    if (days.includes(weekday) && !holidays.includes(date)) return date
  }
  return today
}

/** The first millisecond of a date in a time zone, which is not always a midnight: found by halving, as Intl only tells the date of an instant. */
function startOfDay(timeZone: string, date: string): number {
  let before = Date.parse(date) - dayMillis
  let within = Date.parse(date) + dayMillis
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2)
    if (localTime(timeZone, new Date(middle)).date < date) before = middle
    else within = middle
  }
  return within
}
