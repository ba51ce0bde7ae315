import {describe, expect, test} from 'vitest'
import {Pace} from '../../../src/fleet/pace.ts'

describe('the pace of a fleet', () => {
  test('is halved by a refusal, but never below one, and raised by successes up to its most', () => {
    const pace = new Pace({start: 1, most: 3})
    pace.refused(0)
    expect(pace.width).toBe(1)
    for (let done = 0; done < 20; done += 1) pace.succeeded()
    expect(pace.width).toBe(3)
  })

  test('pauses for as long as a server asks', () => {
    const pace = new Pace({start: 4, most: 4})
    pace.refused(30_000)
    pace.refused(10)
    expect(pace.pauseMs).toBeGreaterThan(25_000)
    expect(pace.pauseMs).toBeLessThanOrEqual(30_000)
  })

  test.for([3_600_000, Number.MAX_SAFE_INTEGER])('does not pause where a server asks for more than anybody waits (%i ms)', (retryAfterMs) => {
    const pace = new Pace({start: 4, most: 4})
    pace.refused(retryAfterMs)
    expect([pace.pauseMs, pace.width]).toEqual([0, 2])
  })
})
