import {expect, test} from 'vitest'
import {mergedRanges, type Range, rangesOf} from '../../../src/archive/ranges.ts'
import {idsIn, move} from '../../helpers/archive-move.ts'
import {insertTrades, type Pair, roundTrip, type Trade, usingPair, write} from '../../helpers/archive-pair.ts'

/** Entries that nothing exits, between the rows of round trips of another symbol, so that no two numbers of them follow each other. */
function addStuck(pair: Pair, count: number): void {
  const add = `WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${count}) INSERT INTO trade_logs
    SELECT 'stuck-' || i, '2024-01-01 09:15:00', 'STUCK', 'BUY', 1, 1, 'ENTRY', NULL FROM c`
  write(pair.source, add)
  write(pair.source, 'UPDATE trade_logs SET rowid = -2 * rowid')
}

const days = Array.from({length: 500}, (_, index) => new Date(Date.UTC(2024, 0, 1 + index)).toISOString().slice(0, 10))
const leg: Trade = ['leg', '2026-01-02 09:15:00', 'NIFTY', 'BUY', 25, 44.05, 'ENTRY', null]

test('thousands of rows of other symbols that stay are read by the scan and not by each batch', async () => {
  await usingPair(async (pair) => {
    addStuck(pair, 2500)
    insertTrades(pair.source, [...days.flatMap((day, index) => roundTrip('NIFTY', day, index)), leg])
    expect(await move(pair)).toMatchObject({rows: 2000, batches: 2, left: []})
    // The scan reads each once, each deletion two rows a trade.
    expect(pair.source.read).toBeLessThan(2500 + 3 * 2000 + 100)
  })
})

test('where thousands stay, those of the symbols that are moved are looked at, and new ones', async () => {
  for (const [change, ids] of [
    ["UPDATE trade_logs SET timestamp = '2024-01-01 10:15:00' WHERE id = 'leg'", []],
    ["INSERT INTO trade_logs VALUES ('late', '2024-01-01 10:15:00', 'NIFTY', 'BUY', 25, 1, 'ENTRY', NULL)", []],
    ["UPDATE trade_logs SET timestamp = '2026-01-03 10:15:00' WHERE id = 'leg'", roundTrip('NIFTY', '2024-01-01').map(([id]) => id)],
  ] as const) {
    await usingPair(async (pair) => {
      addStuck(pair, 2500)
      insertTrades(pair.source, [...roundTrip('NIFTY', '2024-01-01'), leg])
      await move(pair, {atDeletion: () => write(pair.source, change)})
      expect(idsIn(pair, 'archive')).toEqual(ids)
    })
  }
})

test('numbers that follow each other are one range', () => {
  expect(rangesOf([-2, -1, 0, 5, 7, 8])).toEqual([
    [-2, 0],
    [5, 5],
    [7, 8],
  ])
  expect(rangesOf([])).toEqual([])
})

test('ranges that are too many become fewer, of which the smallest gaps are part, and never one of these numbers', () => {
  const ranges: Range[] = [
    [1, 1],
    [3, 3],
    [5, 6],
    [100, 100],
    [1000, 1002],
  ]
  expect(mergedRanges(ranges, {most: 5, without: []})).toEqual(ranges)
  expect(mergedRanges(ranges, {most: 3, without: [200]})).toEqual([
    [1, 6],
    [100, 100],
    [1000, 1002],
  ])
  expect(mergedRanges(ranges, {most: 3, without: [4]})).toEqual([
    [1, 3],
    [5, 100],
    [1000, 1002],
  ])
  expect(mergedRanges(ranges, {most: 1, without: [2, 200]})).toEqual([
    [1, 1],
    [3, 100],
    [1000, 1002],
  ])
})

test('a hundred thousand ranges become as few as were asked for in no time, as large as they need to be', () => {
  const ranges = Array.from({length: 100_000}, (_, index): Range => [3 * index, 3 * index])
  const started = performance.now()
  expect(mergedRanges(ranges, {most: 1000, without: [1, 100_000]}).length).toBeLessThanOrEqual(1000)
  expect(performance.now() - started).toBeLessThan(1000)
})
