import {describe, expect, test} from 'vitest'
import {type MoveDependencies, type MoveInput, moveClosedTrades} from '../../../src/archive/move.ts'
import {closedBefore, insertTrades, opening, type Pair, roundTrip, rowsIn, usingPair} from '../../helpers/archive-pair.ts'

const move = (pair: Pair, input: Partial<MoveInput> = {}, dependencies: Partial<MoveDependencies> = {}) =>
  opening(pair, (source, archive) =>
    moveClosedTrades(
      {source, archive, toolVersion: '0.0.0', onProgress: () => undefined, ...dependencies},
      {databaseId: 'id-of-condor', strategy: 'stage-condor', selection: closedBefore('2026-06-01'), ...input},
    ),
  )

const days = (count: number) => Array.from({length: count}, (_, index) => new Date(Date.UTC(2025, 0, 1 + index)).toISOString().slice(0, 10))

describe('moving closed trades', () => {
  test("writes two rows and reads five for each row that it moves, by the server's own count", async () => {
    await usingPair(async (pair) => {
      const trades = days(500).flatMap((day, index) => roundTrip('NIFTY', day, index))
      insertTrades(pair.source, trades)
      const result = await move(pair)
      expect(result).toMatchObject({scanned: 2000, rows: 2000, stopped: 'done', left: []})
      expect(rowsIn(pair, pair.source, 'SELECT * FROM trade_logs')).toEqual([])
    })
  })
})
