import {describe, expect, test} from 'vitest'
import {parseLifetime} from '../../src/lifetime.ts'

describe("a token's lifetime", () => {
  test.each([
    ['90d', 90 * 86_400],
    ['2w1d30m', 15 * 86_400 + 1800],
    ['12h', 43_200],
    ['1m', 60],
    ['365d', 365 * 86_400],
    ['007d', 7 * 86_400],
  ])('%s', (text, seconds) => {
    expect(parseLifetime(text)).toBe(seconds)
  })

  test.each([
    '',
    '0d',
    '0w0d',
    'never',
    'none',
    'default',
    '1d bogus',
    ' 1d',
    '1d ',
    '1 d',
    '-1d',
    '1.5d',
    '1D',
    '30m1d',
    '1d1d',
    '90',
    '366d',
    '36500d',
    '1y',
    `${'9'.repeat(400)}d`,
    '1d\n',
  ])('%j is none', (text) => {
    expect(parseLifetime(text)).toBeUndefined()
  })
})
