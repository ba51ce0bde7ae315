/** Microseconds since 1970, always a whole number. */
export type Instant = number

/** How a timestamp is written: its separator and its zone (none: UTC, as SQLite's `CURRENT_TIMESTAMP`). The fraction of the second may come or not. */
export type TimestampFormat = 'YYYY-MM-DD HH:MM:SS' | `YYYY-MM-DD${' ' | 'T'}HH:MM:SS${'Z' | '±HH:MM'}`

const written = /^(\d{4})-(\d\d)-(\d\d)([ T])(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/

/**
 * Reads a timestamp to the microsecond, what is finer is cut off. Undefined for everything that is not exactly one instant: days and
 * hours that do not exist, leap seconds, ISO 8601 without a zone (bots write their local time so), numbers, years of other centuries.
 */
export function readTimestamp(value: unknown): {instant: Instant; format: TimestampFormat} | undefined {
  const found = typeof value === 'string' ? written.exec(value) : null
  if (!found) return undefined
  const [, year = '', month = '', day = '', separator, hour = '', minute = '', second = '', fraction = '', zone] = found
  const format = formatOf(separator === ' ' ? ' ' : 'T', zone)
  const offset = offsetMinutes(zone)
  const millis = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  // Date.UTC makes the 1st of March of the 30th of February.
  if (format === undefined || offset === undefined || new Date(millis).toISOString() !== `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`)
    return undefined
  const instant = (millis - offset * 60_000) * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0'))
  return Number.isSafeInteger(instant) ? {instant, format} : undefined
}

function formatOf(separator: ' ' | 'T', zone: string | undefined): TimestampFormat | undefined {
  if (zone !== undefined) return `YYYY-MM-DD${separator}HH:MM:SS${zone === 'Z' ? 'Z' : '±HH:MM'}`
  return separator === ' ' ? 'YYYY-MM-DD HH:MM:SS' : undefined
}

/** Undefined for what is no time zone's offset anywhere. */
function offsetMinutes(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(4))
  if (hours > 14 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}
