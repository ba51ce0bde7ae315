import {expect, test} from 'vitest'
import {chainFaults, idsIn, move} from '../../helpers/archive-move.ts'
import {insertTrades, type Pair, roundTrip, rowsIn, usingPair, write} from '../../helpers/archive-pair.ts'

const closed = roundTrip('NIFTY', '2025-01-01')
const ids = closed.map(([id]) => id)

const setPrice = (pair: Pair, price: number) => write(pair.source, 'UPDATE trade_logs SET price = ? WHERE id = ?', [price, ids[0] ?? ''])

const sealed = (pair: Pair) => rowsIn(pair, pair.archive, 'SELECT row_count FROM archive_batches WHERE sealed_at IS NOT NULL')

/** While a run deletes, another one takes its copies back, as where a clock jumped past the first one's time, and back. */
const takenBack = (pair: Pair) => async () => {
  setPrice(pair, 1)
  expect(await move(pair, {leaseMs: 0, maxRows: 0})).toMatchObject({recovered: [{outcome: 'withdrawn', rows: 4}]})
  setPrice(pair, closed[0]?.[5] ?? 0)
}

test('trades whose copies another run took back before they were deleted are copied once more, and sealed', async () => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, closed)
    expect(await move(pair, {atDeletion: takenBack(pair)})).toMatchObject({rows: 4, sealed: [{rows: 4}]})
    expect([idsIn(pair, 'source'), idsIn(pair, 'archive'), sealed(pair), chainFaults(pair)]).toEqual([[], ids, [{row_count: 4}], []])
  })
})

test('a batch that another run has taken over, but left, before the deletion or after it, is taken back from it and sealed', async () => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, closed)
    const later = "UPDATE archive_batches SET copied_at = '2030-01-01T00:00:00.000000000Z' WHERE sealed_at IS NULL"
    expect(await move(pair, {atDeletion: () => write(pair.archive, later)})).toMatchObject({rows: 4, sealed: [{rows: 4}]})
    insertTrades(pair.source, roundTrip('FINNIFTY', '2025-01-01'))
    let isNext = false
    pair.server.watch = (_, body) => {
      // The first request to the archive after the deletion.
      if (isNext) write(pair.archive, later)
      isNext = body.includes('DELETE FROM trade_logs')
    }
    expect(await move(pair)).toMatchObject({rows: 4, sealed: [{rows: 4}]})
    expect([idsIn(pair, 'source'), sealed(pair).length, chainFaults(pair)]).toEqual([[], 2, []])
  })
})

test('the look before copies are taken back waits for a deletion that is under way', async () => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, closed)
    let [looks, writes] = [0, 0]
    const atDeletion = async () => {
      setPrice(pair, 1)
      pair.server.watch = (line, body) => {
        if (!line.includes('stage-condor') || !body.includes('wanted')) return
        looks += 1
        writes += Number(body.includes('BEGIN IMMEDIATE'))
      }
      await move(pair, {leaseMs: 0, maxRows: 0})
      pair.server.watch = () => undefined
    }
    await expect(move(pair, {atDeletion})).rejects.toMatchObject({code: 'ARCHIVE_RACE'})
    expect([looks > 0, writes > 0]).toEqual([true, true])
  })
})
