import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest'
import {progressReporter} from '../../../src/output/progress.ts'
import {recordedStream} from '../../helpers/stream.ts'

beforeEach(() => vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'performance']}))
afterEach(() => vi.useRealTimers())

const migrating = (done: number, total: number, failed = 0) => ({message: 'Migrating', done, total, failed})

describe('progress on a terminal', () => {
  test('is one line: of the step, of the fleet, and nothing when it is taken away', () => {
    const stream = recordedStream(80)
    const {onProgress, clear} = progressReporter(stream)
    onProgress({message: 'Rehearsing'})
    expect(stream.lines()).toEqual(['Rehearsing…'])
    vi.advanceTimersByTime(200)
    onProgress(migrating(312, 1000, 2))
    expect(stream.lines()).toEqual(['Migrating 312 of 1,000 · 2 failed'])
    clear()
    expect(stream.lines()).toEqual([''])
  })

  test('tells how much longer it takes when that is no guess any more', () => {
    const stream = recordedStream(80)
    const {onProgress} = progressReporter(stream)
    onProgress(migrating(0, 1000))
    vi.advanceTimersByTime(10_000)
    onProgress(migrating(400, 1000))
    expect(stream.lines()).toEqual(['Migrating 400 of 1,000 · about 15 s left'])
    vi.advanceTimersByTime(10_000)
    onProgress(migrating(401, 100_000))
    expect(stream.lines()).toEqual(['Migrating 401 of 100,000'])
    vi.advanceTimersByTime(10_000)
    onProgress(migrating(501, 100_000))
    expect(stream.lines()).toEqual(['Migrating 501 of 100,000 · about 3 h left'])
    onProgress(migrating(100_000, 100_000))
    vi.advanceTimersByTime(100)
    expect(stream.lines()).toEqual(['Migrating 100,000 of 100,000'])
  })

  test('is written at most ten times a second, and the last of a burst is seen', () => {
    const stream = recordedStream(80)
    const {onProgress} = progressReporter(stream)
    for (let done = 0; done <= 5000; done++) {
      onProgress(migrating(done, 10_000))
      if (done % 5 === 0) vi.advanceTimersByTime(1)
    }
    expect(stream.writes.length).toBeGreaterThan(8)
    expect(stream.writes.length).toBeLessThan(13)
    vi.advanceTimersByTime(100)
    expect(stream.lines()[0]).toMatch(/^Migrating 5,000 of 10,000 /)
  })

  test('of what was taken away does not come back', () => {
    const stream = recordedStream(80)
    const {onProgress, clear} = progressReporter(stream)
    onProgress(migrating(1, 100))
    onProgress(migrating(2, 100))
    clear()
    vi.advanceTimersByTime(1000)
    expect(stream.lines()).toEqual([''])
  })

  test('has failures above the line, as they happen', () => {
    const stream = recordedStream(80)
    const {onProgress} = progressReporter(stream)
    onProgress(migrating(1, 100))
    onProgress({failure: 'live-a: no such\ntable: \u001B[31mtrades'})
    expect(stream.lines()).toEqual(['Failed: live-a: no such table: trades', 'Migrating 1 of 100'])
  })

  test('is cut to the width, so that a line stays one', () => {
    const stream = recordedStream(20)
    const {onProgress} = progressReporter(stream)
    onProgress({message: 'Creating the database live-condor'})
    onProgress({failure: `live-a: ${'x'.repeat(100)}`})
    expect(stream.lines()).toEqual(['Failed: live-a: xx…', 'Creating the datab…'])
  })

  test('keeps no process alive', () => {
    vi.useRealTimers()
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timers()
    const stream = recordedStream(80)
    const {onProgress} = progressReporter(stream)
    onProgress(migrating(1, 100))
    onProgress(migrating(2, 100))
    expect(timers()).toBe(before)
  })
})

describe('progress in a log', () => {
  const report = (dones: number[], total: number, everyMs = 0) => {
    const stream = recordedStream()
    const {onProgress} = progressReporter(stream)
    for (const done of dones) {
      onProgress(migrating(done, total))
      vi.advanceTimersByTime(everyMs)
    }
    return stream.lines().slice(0, -1)
  }
  const upTo = (total: number) => Array.from({length: total + 1}, (_, done) => done)

  test('is a line for each tenth of the fleet', () => {
    const lines = report(upTo(10_000), 10_000)
    expect(lines).toHaveLength(10)
    expect([lines[0], lines[9]]).toEqual(['Migrating 1,000 of 10,000', 'Migrating 10,000 of 10,000'])
  })

  test('is a line after 30 seconds, where a tenth takes longer', () => {
    expect(report(upTo(6), 1000, 10_000)).toEqual(['Migrating 3 of 1,000 · about 3 h left', 'Migrating 6 of 1,000 · about 3 h left'])
  })

  test('is nothing for a few databases, and for single steps', () => {
    expect(report(upTo(19), 19, 60_000)).toEqual([])
    expect(report(upTo(20), 20)).toHaveLength(10)
    const stream = recordedStream()
    progressReporter(stream).onProgress({message: 'Rehearsing'})
    expect(stream.writes).toEqual([])
  })

  test('begins anew with the next operation', () => {
    const stream = recordedStream()
    const {onProgress} = progressReporter(stream)
    for (const done of upTo(20)) onProgress({message: 'Reading', done, total: 20, failed: 0})
    for (const done of upTo(20)) onProgress(migrating(done, 20))
    expect(stream.lines().filter((line) => line.startsWith('Reading'))).toHaveLength(10)
    expect(stream.lines().filter((line) => line.startsWith('Migrating'))).toHaveLength(10)
  })

  test('has every failure, whole and as one line', () => {
    const stream = recordedStream()
    const {onProgress} = progressReporter(stream)
    onProgress({failure: `live-a: ${'x'.repeat(200)}\nmore`})
    expect(stream.writes).toEqual([`Failed: live-a: ${'x'.repeat(200)} more\n`])
  })
})
