/** Microseconds since 1970, always a whole number. */
export type Instant = number

/** How a timestamp is written: its separator and its zone (none: UTC, as SQLite's `CURRENT_TIMESTAMP`). The fraction of the second may come or not. */
export type TimestampFormat = 'YYYY-MM-DD HH:MM:SS' | `YYYY-MM-DD${' ' | 'T'}HH:MM:SS${'Z' | '±HH:MM'}`

const date = /(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])/.source
const time = /([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?/.source
const zone = /(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?/.source
const written = new RegExp(`^${date}([ T])${time}${zone}$`)

/**
 * Reads a timestamp to the microsecond, what is finer is cut off. Undefined for everything that is not exactly one instant: days and
 * hours that do not exist, leap seconds, ISO 8601 without a zone (bots write their local time so), numbers, years of other centuries.
 */
export function readTimestamp(value: unknown): {instant: Instant; format: TimestampFormat} | undefined {
  const found = typeof value === 'string' ? written.exec(value) : null
  if (!found) return undefined
  const [, year, month, day, separator, hour, minute, second, fraction = '', zone] = found
  const format = formatOf(separator === ' ' ? ' ' : 'T', zone)
  const millis = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  // Date.UTC makes the 2nd of March of the 30th of February, and 1926 of the year 26.
  const isOnCalendar = new Date(millis).getUTCDate() === Number(day) && Number(year) > 99
  const instant = (millis - offsetMinutes(zone) * 60_000) * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0'))
  return format && isOnCalendar && Number.isSafeInteger(instant) ? {instant, format} : undefined
}

function formatOf(separator: ' ' | 'T', zone: string | undefined): TimestampFormat | undefined {
  if (zone !== undefined) return `YYYY-MM-DD${separator}HH:MM:SS${zone === 'Z' ? 'Z' : '±HH:MM'}`
  return separator === ' ' ? 'YYYY-MM-DD HH:MM:SS' : undefined
}

function offsetMinutes(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0
  return (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4)))
}
