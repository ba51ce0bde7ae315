/** When live strategies trade; every part is in the market's own time zone. */
export type Market = {
  /** An IANA time zone. */
  timeZone: string
  /** Weekdays by their English names in lower case. */
  days: string[]
  /** `HH:MM`, the first minute of trading. */
  open: string
  /** `HH:MM`, the first minute after it. */
  close: string
  /** Days without trading: `YYYY-MM-DD`. */
  holidays: string[]
}

/** Whether the market trades at an instant. */
export function isMarketOpen({timeZone, days, open, close, holidays}: Market, now: Date): boolean {
  const {weekday, date, time} = localTime(timeZone, now)
  return days.includes(weekday) && !holidays.includes(date) && open <= time && time < close
}

/** What calendar and clock show in a time zone: `monday`, `2026-11-23`, `09:15`. */
export function localTime(timeZone: string, now: Date) {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    weekday: 'long',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  const parts = Object.fromEntries(format.formatToParts(now).map(({type, value}) => [type, value]))
  return {
    weekday: String(parts['weekday']).toLowerCase(),
    date: `${parts['year']}-${parts['month']}-${parts['day']}`,
    time: `${parts['hour']}:${parts['minute']}`,
  }
}
