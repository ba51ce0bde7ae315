import {expect, test} from 'vitest'
import {isOver} from '../../../src/archive/withdraw.ts'

test('copies are taken back a fifth of the lease after its end, should a clock be set', () => {
  const isOverAt = (time: string) => isOver('2026-06-01T10:00:00.000123456Z', 5 * 60_000, `2026-06-01T${time}Z`)
  expect(['10:05:00.001', '10:05:59.999', '10:06:00.000'].map(isOverAt)).toEqual([false, false, true])
})
