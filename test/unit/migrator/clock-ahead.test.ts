import {expect, test} from 'vitest'
import {withClockAhead} from '../../../src/migrator/clock-ahead.ts'

const day = 24 * 60 * 60 * 1000
const daysFrom = (start: number) => [Date.now(), Date.parse(new Date().toISOString()), Date.parse(Date())].map((now) => Math.round((now - start) / day) || 0)

test('the clock is ahead for the work itself, also after it has waited, and right for everything beside it and behind it', async () => {
  const start = Date.now()
  const RealDate = Date
  const turn = Promise.withResolvers<void>()
  const looking = withClockAhead(400 * day, async () => {
    const first = daysFrom(start)
    await turn.promise
    return [first, daysFrom(start), new Date(0) instanceof RealDate]
  })
  const beside = withClockAhead(30 * day, async () => {
    await turn.promise
    return daysFrom(start)
  })
  expect(daysFrom(start)).toEqual([0, 0, 0])
  turn.resolve()
  expect(await looking).toEqual([[400, 400, 400], [400, 400, 400], true])
  expect(await beside).toEqual([30, 30, 30])
  expect(daysFrom(start)).toEqual([0, 0, 0])
})
