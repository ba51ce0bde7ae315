import {StratError} from '../errors.ts'

/** Days in the market's time zone, as YYYY-MM-DD; both belong to the range. */
export type DateRange = {from: string; to: string}

/**
 * The days from one to another.
 *
 * @throws StratError USAGE where one of them is no day, or they are in the wrong order
 */
export function dateRange({from, to}: DateRange): DateRange {
  for (const [flag, day] of Object.entries({from, to})) {
    if (!isDay(day)) throw new StratError('USAGE', `--${flag} takes a day such as 2026-03-31, not "${day.slice(0, 100)}".`)
  }
  if (from > to) throw new StratError('USAGE', `${from} is after ${to}: there is no day in between.`, {suggestions: [`--from ${to} --to ${from}`]})
  return {from, to}
}

/**
 * The days of a financial year that begins with this month: 2025-26 from April 2025 (4); where it is a calendar year (1), 2025.
 *
 * @throws StratError USAGE where it is no such year
 */
export function financialYear(text: string, {firstMonth}: {firstMonth: number}): DateRange {
  const [, year = '', next] = /^([12]\d{3})(?:-(\d{2}))?$/.exec(text) ?? []
  const following = (Number(year) + 1).toString().slice(2)
  const isCalendarYear = firstMonth === 1
  if (year === '' || next !== (isCalendarYear ? undefined : following)) {
    const example = isCalendarYear ? '2025' : '2025-26'
    throw new StratError('USAGE', `--fy takes a financial year such as ${example}, not "${text.slice(0, 100)}".`, {
      suggestions: year === '' ? [] : [`--fy ${isCalendarYear ? year : `${year}-${following}`}`],
    })
  }
  return {from: dayOf(Number(year), firstMonth, 1), to: dayOf(Number(year) + 1, firstMonth, 0)}
}

const dayOf = (year: number, month: number, day: number) => new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10)

const isDay = (text: string) => /^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(text) && new Date(text).toISOString().startsWith(text)
