import {expect, test} from 'vitest'
import {settledUntil} from '../../../src/archive/trading-day.ts'
import type {Market} from '../../../src/fleet/market.ts'

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday']
const india: Market = {timeZone: 'Asia/Kolkata', days: weekdays, open: '09:15', close: '15:30', holidays: ['2026-01-26']}
const newYork: Market = {...india, timeZone: 'America/New_York', holidays: []}
const samoa: Market = {...india, timeZone: 'Pacific/Apia', holidays: []}
const beirut: Market = {...india, timeZone: 'Asia/Beirut', days: [...weekdays, 'saturday', 'sunday']}

test.each<[string, Market, string, string]>([
  ['on a Tuesday evening, all of Monday that is a day old', india, '2026-01-20T18:00:00+05:30', '2026-01-19T18:00:00+05:30'],
  ['at the end of a Tuesday, all of Monday', india, '2026-01-20T23:59:59.999+05:30', '2026-01-19T23:59:59.999+05:30'],
  ['on a Tuesday morning, Monday until then', india, '2026-01-20T00:30:00+05:30', '2026-01-19T00:30:00+05:30'],
  ['on a Saturday, up to Thursday', india, '2026-01-24T23:00:00+05:30', '2026-01-23T00:00:00+05:30'],
  ['on a Sunday, up to Thursday', india, '2026-01-25T23:00:00+05:30', '2026-01-23T00:00:00+05:30'],
  ['on a Monday without trading, up to Thursday', india, '2026-01-26T12:00:00+05:30', '2026-01-23T00:00:00+05:30'],
  ['on the Tuesday after it, also that Monday', india, '2026-01-27T12:00:00+05:30', '2026-01-26T12:00:00+05:30'],
  ['on a Monday by the date there, though Sunday in UTC', india, '2026-01-19T01:00:00+05:30', '2026-01-18T01:00:00+05:30'],
  ['on the Saturday before the clocks went forward', newYork, '2026-03-07T23:30:00-05:00', '2026-03-06T00:00:00-05:00'],
  ['on the Sunday on which they did', newYork, '2026-03-08T23:30:00-04:00', '2026-03-06T00:00:00-05:00'],
  ['on the Sunday after they went back', newYork, '2026-11-08T12:00:00-05:00', '2026-11-06T00:00:00-05:00'],
  ['where a Friday never was, the Saturday after it begins with that midnight', {...samoa, days: ['saturday']}, '2012-01-03T12:00:00Z', '2011-12-30T10:00:00Z'],
  ['where a day begins at one o’clock', beirut, '2026-03-29T23:00:00+03:00', '2026-03-28T23:00:00+03:00'],
  ['where nobody ever trades, as on any other day', {...india, days: []}, '2026-01-20T18:00:00+05:30', '2026-01-19T18:00:00+05:30'],
])('%s', (_, market, now, until) => {
  const isDayOld = Date.parse(now) - Date.parse(until) === 86_400_000
  expect(settledUntil(market, Date.parse(now) * 1000)).toBe(Date.parse(until) * 1000 - (isDayOld ? 0 : 1))
})

test('goes back over as many holidays in a row as there are', () => {
  const holidays = ['2026-01-05', '2026-01-12', '2026-01-19']
  expect(settledUntil({...india, days: ['monday'], holidays}, Date.parse('2026-01-25T12:00:00Z') * 1000)).toBe(
    Date.parse('2025-12-29T00:00:00+05:30') * 1000 - 1,
  )
})
