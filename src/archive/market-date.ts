import type {Instant} from './timestamps.ts'

/** Tells the date of an instant in a time zone, as YYYY-MM-DD. The format is made once: that takes longer than a hundred uses of it. */
export function marketDates(timeZone: string): (instant: Instant) => string {
  const format = new Intl.DateTimeFormat('en', {timeZone, calendar: 'gregory', numberingSystem: 'latn', year: 'numeric', month: '2-digit', day: '2-digit'})
  return (instant) => {
    const parts = Object.fromEntries(format.formatToParts(Math.floor(instant / 1000)).map(({type, value}) => [type, value]))
    return `${parts['year']?.padStart(4, '0')}-${parts['month']}-${parts['day']}`
  }
}
