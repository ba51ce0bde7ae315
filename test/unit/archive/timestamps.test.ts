import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {readTimestamp} from '../../../src/archive/timestamps.ts'

const noon = Date.UTC(2026, 0, 20, 12) * 1000

describe('a timestamp', () => {
  test.each([
    ['2026-01-20 12:00:00', 'YYYY-MM-DD HH:MM:SS', noon],
    ['2026-01-20 12:00:00.5', 'YYYY-MM-DD HH:MM:SS', noon + 500_000],
    ['2026-01-20 12:00:00.000001', 'YYYY-MM-DD HH:MM:SS', noon + 1],
    ['2026-01-20 12:00:00.123456789', 'YYYY-MM-DD HH:MM:SS', noon + 123_456],
    ['2026-01-20T12:00:00Z', 'YYYY-MM-DDTHH:MM:SSZ', noon],
    ['2026-01-20T17:30:00.25+05:30', 'YYYY-MM-DDTHH:MM:SS±HH:MM', noon + 250_000],
    ['2026-01-20T07:00:00-05:00', 'YYYY-MM-DDTHH:MM:SS±HH:MM', noon],
    ['2026-01-20 17:30:00+05:30', 'YYYY-MM-DD HH:MM:SS±HH:MM', noon],
    ['2024-02-29 00:00:00', 'YYYY-MM-DD HH:MM:SS', Date.UTC(2024, 1, 29) * 1000],
    ['1969-12-31 23:59:59.999999', 'YYYY-MM-DD HH:MM:SS', -1],
  ])('%s is read, to the microsecond', (text, format, instant) => expect(readTimestamp(text)).toEqual({format, instant}))

  test.each([
    null,
    undefined,
    1768910400,
    new Uint8Array([50]),
    '',
    'yesterday',
    '2026-01-20',
    '2026-01-20 12:00',
    '2026-01-20T12:00:00',
    '2026-1-20 12:00:00',
    '2026-02-30 12:00:00',
    '2026-02-29 12:00:00',
    '2026-13-01 12:00:00',
    '2026-01-20 24:00:00',
    '2026-01-20 12:60:00',
    '2026-01-20 12:00:60',
    '2026-01-20 12:00:00.',
    '2026-01-20t12:00:00z',
    '2026-01-20T12:00:00+0530',
    '2026-01-20T12:00:00+15:00',
    '2026-01-20T12:00:00+05:60',
    ' 2026-01-20 12:00:00',
    '2026-01-20 12:00:00\n',
    '0026-01-20 12:00:00',
    '2300-01-20 12:00:00',
    '٢٠٢٦-01-20 12:00:00',
  ])('is not read where it is not exactly one instant: %j', (value) => expect(readTimestamp(value)).toBeUndefined())

  test('is the instant that it was written for, whatever the offset', () => {
    const written = fc.tuple(fc.integer({min: 0, max: 4_000_000_000_000}), fc.integer({min: 0, max: 999}), fc.integer({min: -840, max: 840}))
    fc.assert(
      fc.property(written, ([millis, micros, offset]) => {
        const local = new Date(millis + offset * 60_000).toISOString().replace('Z', String(micros).padStart(3, '0'))
        const clock = new Date(Math.abs(offset) * 60_000).toISOString().slice(11, 16)
        expect(readTimestamp(`${local}${offset < 0 ? '-' : '+'}${clock}`)?.instant).toBe(millis * 1000 + micros)
      }),
    )
  })
})
