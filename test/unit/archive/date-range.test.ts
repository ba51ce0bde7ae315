import {describe, expect, test} from 'vitest'
import {dateRange, financialYear} from '../../../src/archive/date-range.ts'

describe('a financial year', () => {
  test.for([
    ['2025-26', 4, '2025-04-01', '2026-03-31'],
    ['2023-24', 3, '2023-03-01', '2024-02-29'],
    ['1999-00', 12, '1999-12-01', '2000-11-30'],
    ['2025', 1, '2025-01-01', '2025-12-31'],
  ] as const)('%s that begins with month %i is from %s to %s', ([text, firstMonth, from, to]) => {
    expect(financialYear(text, {firstMonth})).toEqual({from, to})
  })

  test.for(['2025', '2025-27', '2025-2026', '25-26', '', '2025-26x', '0025-26'])('is not %j', (text) => {
    expect(() => financialYear(text, {firstMonth: 4})).toThrow(expect.objectContaining({code: 'USAGE', message: expect.stringContaining('2025-26')}))
  })

  test('that is a calendar year has one number', () => {
    expect(() => financialYear('2025-26', {firstMonth: 1})).toThrow(expect.objectContaining({code: 'USAGE', suggestions: ['--fy 2025']}))
  })
})

test('a range may be one day', () => {
  expect(dateRange({from: '2024-02-29', to: '2024-02-29'})).toEqual({from: '2024-02-29', to: '2024-02-29'})
})
