import {expect, test} from 'vitest'
import {archivedTrades} from '../../../src/archive/archived-trades.ts'
import {moveClosedTrades} from '../../../src/archive/move.ts'
import {closedBefore, insertTrades, opening, type Pair, roundTrip, rowsIn, type Trade, usingPair} from '../../helpers/archive-pair.ts'

const move = (pair: Pair) =>
  opening(pair, (source, archive) =>
    moveClosedTrades(
      {source, archive, toolVersion: '0.0.0', onProgress: () => undefined},
      {databaseId: 'id-of-condor', strategy: 'stage-condor', selection: closedBefore('2026-06-01')},
    ),
  )

/** A round trip of which the first trade has an id of so many bytes. */
function longTrip(symbol: string, bytes: number): Trade[] {
  const [first, ...others] = roundTrip(symbol, '2025-01-01')
  if (!first) throw new TypeError('no trade')
  return [['x'.repeat(bytes).concat(symbol), ...(first.slice(1) as [string, string, string, number, number, string, null])], ...others]
}

const countIn = (pair: Pair, at: 'source' | 'archive') => rowsIn(pair, pair[at], 'SELECT count(*) AS rows FROM trade_logs')[0]?.['rows']

test('a trade of almost five million bytes is archived with those that close with it', async () => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, [...longTrip('NIFTY', 1_600_000), ...longTrip('BANKNIFTY', 4_985_000), ...roundTrip('FINNIFTY', '2025-01-01')])
    expect(await move(pair)).toMatchObject({rows: 12, left: [], odd: {rows: 0}, stopped: 'done'})
    expect([countIn(pair, 'source'), countIn(pair, 'archive')]).toEqual([0, 12])
  })
})

test('trades that are larger together than a request may be stay, and the others go', async () => {
  await usingPair(async (pair) => {
    const large = longTrip('NIFTY', 3_000_000).concat(longTrip('NIFTY', 3_000_001).map(([id, ...rest]) => [`${id}-2`, ...rest] as Trade))
    insertTrades(pair.source, [...large, ...roundTrip('FINNIFTY', '2025-01-01')])
    expect(await move(pair)).toMatchObject({rows: 4, left: [{symbol: 'NIFTY', reason: 'large'}], stopped: 'done'})
  })
})

test('a trade that no value of a request can hold is named, as one that cannot be moved', async () => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, [...longTrip('NIFTY', 4_999_990), ...roundTrip('FINNIFTY', '2025-01-01')])
    expect(await move(pair)).toMatchObject({rows: 4, odd: {rows: 1}, stopped: 'done'})
    expect(countIn(pair, 'source')).toBe(4)
  })
})

test('three large trades make neither the pages after them small nor those of the archive', async () => {
  await usingPair(async (pair) => {
    const large = ['A', 'B', 'C'].flatMap((symbol) => longTrip(symbol, 4_000_000))
    insertTrades(pair.source, [...large, ...Array.from({length: 200}, (_, index) => roundTrip('NIFTY', '2025-01-01', index)).flat()])
    const {steps, rows} = await move(pair)
    expect(rows).toBe(812)
    expect(steps.scan?.requests).toBeLessThan(25)
    await opening(pair, async (_, archive) => {
      let count = 0
      for await (const page of archivedTrades(archive)) count += page.length
      expect(count).toBe(812)
      expect(archive.requests).toBeLessThan(25)
    })
  })
})
