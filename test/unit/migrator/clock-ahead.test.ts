import {expect, test} from 'vitest'
import {withClockAhead} from '../../../src/migrator/clock-ahead.ts'

test('the clock is the real one again when several are through that began at the same time', async () => {
  const real = globalThis.Date
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const works = [withClockAhead(1000, () => first.promise), withClockAhead(1000, () => second.promise)]
  first.resolve()
  await works[0]
  second.resolve()
  await Promise.all(works)
  expect(globalThis.Date).toBe(real)
})

test('each sees the clock as far ahead as it asked for, whoever else is through meanwhile', async () => {
  const ahead = async () => Date.now() - performance.timeOrigin - performance.now()
  const seen = await Promise.all([
    withClockAhead(1_000_000, ahead),
    withClockAhead(2_000_000, async () => {
      await new Promise((resolve) => setImmediate(resolve))
      return ahead()
    }),
    withClockAhead(0, ahead),
  ])
  expect(seen.map((ms) => Math.abs(Math.round(ms / 100_000)))).toEqual([10, 20, 0])
})
