import {expect, test} from 'vitest'
import type {StratConfig} from '../../src/define-config.ts'
import {marketOf, resolveSettings} from '../../src/settings.ts'

const market = (config: StratConfig) =>
  marketOf(resolveSettings({flags: {}, env: {}, loaded: {file: undefined, config}, cwd: '/', login: {file: '/login', isStoredFor: () => false}}))

test("the market is India's unless the configuration says otherwise, each part for itself", () => {
  const india = {timeZone: 'Asia/Kolkata', days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'], open: '09:15', close: '15:30', holidays: []}
  expect(market({})).toEqual(india)
  expect(market({market: {holidays: ['2026-01-26'], close: '15:00'}})).toEqual({...india, holidays: ['2026-01-26'], close: '15:00'})
  const newYork = {timeZone: 'America/New_York', days: ['monday' as const], open: '09:30', close: '16:00', holidays: ['2026-12-25']}
  expect(market({market: newYork})).toEqual(newYork)
})
