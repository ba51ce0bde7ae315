import {expect, test} from 'vitest'
import {isMarketOpen, type Market} from '../../../src/fleet/market.ts'

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday']
const india: Market = {timeZone: 'Asia/Kolkata', days: weekdays, open: '09:15', close: '15:30', holidays: ['2026-01-26']}
const newYork: Market = {timeZone: 'America/New_York', days: weekdays, open: '09:30', close: '16:00', holidays: ['2026-12-25']}
const nearlyAllDay: Market = {timeZone: 'Australia/Adelaide', days: ['monday'], open: '00:00', close: '23:59', holidays: []}

test.each<[string, Market, string, boolean]>([
  ['the first minute', india, '2026-11-23T09:15:00+05:30', true],
  ['the last second before it', india, '2026-11-23T09:14:59.999+05:30', false],
  ['the last second', india, '2026-11-23T15:29:59.999+05:30', true],
  ['the minute of closing', india, '2026-11-23T15:30:00+05:30', false],
  ['a Friday', india, '2026-11-27T12:00:00+05:30', true],
  ['a Saturday', india, '2026-11-28T12:00:00+05:30', false],
  ['a holiday', india, '2026-01-26T12:00:00+05:30', false],
  ['the day after it', india, '2026-01-27T12:00:00+05:30', true],
  ['in New York in summer', newYork, '2026-07-01T13:30:00Z', true],
  ['in New York in summer, too early', newYork, '2026-07-01T13:29:00Z', false],
  ['in New York in winter', newYork, '2026-12-01T14:30:00Z', true],
  ['in New York in winter, as in summer', newYork, '2026-12-01T13:30:00Z', false],
  ['the Monday after the clocks went forward', newYork, '2026-03-09T13:30:00Z', true],
  ['the Friday before that', newYork, '2026-03-06T13:30:00Z', false],
  ['Christmas by its date in New York', newYork, '2026-12-25T15:00:00Z', false],
  ['midnight of a day of trading', nearlyAllDay, '2026-11-23T00:00:00+10:30', true],
  ['the minute before, which is Sunday', nearlyAllDay, '2026-11-22T23:59:00+10:30', false],
  ['midnight after it, which is Tuesday', nearlyAllDay, '2026-11-24T00:00:00+10:30', false],
  ['a Monday there that is Sunday in UTC', nearlyAllDay, '2026-11-22T14:00:00Z', true],
  ['half past twelve at night, which is not noon', {...india, days: ['monday']}, '2026-11-23T00:30:00+05:30', false],
])('%s: %j at %s, open: %s', (_, market, now, open) => expect(isMarketOpen(market, new Date(now))).toBe(open))

test('a holiday is a date of the market, not of UTC', () => {
  const market = {...nearlyAllDay, holidays: ['2026-11-23']}
  expect(isMarketOpen(market, new Date('2026-11-22T14:00:00Z'))).toBe(false)
  expect(isMarketOpen({...market, holidays: ['2026-11-22']}, new Date('2026-11-22T14:00:00Z'))).toBe(true)
})

test('a market that trades on no day is closed', () => {
  expect(isMarketOpen({...india, days: []}, new Date('2026-11-23T12:00:00+05:30'))).toBe(false)
})
