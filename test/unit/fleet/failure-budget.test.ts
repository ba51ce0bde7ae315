import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {describeFailureBudget, isExceeded, parseFailureBudget} from '../../../src/fleet/failure-budget.ts'

describe('--max-failures', () => {
  test.each([
    ['0', {failures: 0}, 'none may fail'],
    ['5', {failures: 5}, 'at most 5 may fail'],
    ['0%', {percent: 0}, 'none may fail'],
    ['10%', {percent: 10}, 'at most 10% may fail'],
    ['100%', {percent: 100}, 'at most 100% may fail'],
  ])('%s', (text, budget, description) => {
    expect(parseFailureBudget(text)).toEqual(budget)
    expect(describeFailureBudget(budget)).toBe(description)
  })

  test.each(['200%', '101%', '-1', '1.5', 'abc', '', '%', '10 %', '5%%', '1e3', '9999999'])('"%s" is a wrong usage, which an example mends', (text) => {
    expect(() => parseFailureBudget(text)).toThrow(
      expect.objectContaining({code: 'USAGE', suggestions: ['--max-failures 5', '--max-failures 10%'], message: expect.stringContaining('--max-failures')}),
    )
  })
})

test.each([
  ['0', 0, 100, false],
  ['0', 1, 100, true],
  ['5', 5, 100, false],
  ['5', 6, 100, true],
  ['0%', 1, 10_000, true],
  ['10%', 10, 100, false],
  ['10%', 11, 100, true],
  ['10%', 1, 9, true],
  ['100%', 100, 100, false],
  ['10%', 0, 0, false],
])('%s is exceeded by %i of %i: %s', (text, failed, total, exceeded) => {
  expect(isExceeded(parseFailureBudget(text), {failed, total})).toBe(exceeded)
})

test('one more failure never makes up for others', () => {
  fc.assert(
    fc.property(fc.nat({max: 100}), fc.constantFrom('', '%'), fc.nat({max: 1000}), fc.nat({max: 1000}), (amount, unit, failed, others) => {
      const budget = parseFailureBudget(`${amount}${unit}`)
      const total = failed + others + 1
      if (isExceeded(budget, {failed, total})) expect(isExceeded(budget, {failed: failed + 1, total})).toBe(true)
    }),
  )
})
