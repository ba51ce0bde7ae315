import {describe, expect, test} from 'vitest'
import {closedSelection} from '../../../src/archive/closed-selection.ts'
import {chainFaults, idsIn, killed, move} from '../../helpers/archive-move.ts'
import {insertTrades, type Pair, roundTrip, rowsIn, type Trade, usingPair, write} from '../../helpers/archive-pair.ts'

const closed = roundTrip('NIFTY', '2025-01-01')
const ids = closed.map(([id]) => id)
const again = closed.map(([id, ...rest]) => [`new-${id}`, ...rest] as Trade)

const manifests = (pair: Pair) => rowsIn(pair, pair.archive, 'SELECT row_count, sequence, deleted_at IS NOT NULL AS announced FROM archive_batches')

describe('copies of which no run has said that it is about to delete the trades', () => {
  test('are not sealed where all the trades are gone: a person is asked, who takes them out, or puts the trades back', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, closed)
      await move(pair, {noDelete: true})
      expect(manifests(pair)).toEqual([{row_count: 4, sequence: null, announced: 0}])
      write(pair.source, 'DELETE FROM trade_logs')
      insertTrades(pair.source, again)
      // Who copies them may still be at it.
      expect(await move(pair)).toMatchObject({recovered: [{outcome: 'pending'}], left: [{symbol: 'NIFTY', reason: 'pending'}], rows: 0})
      const [{batch_id: batch}] = rowsIn(pair, pair.archive, 'SELECT batch_id FROM archive_batches') as [{batch_id: string}]
      await expect(move(pair, {leaseMs: 0})).rejects.toMatchObject({
        code: 'ARCHIVE_UNDECIDED',
        message: expect.stringContaining(`batch ${batch}`),
        suggestions: expect.arrayContaining([expect.stringContaining('DELETE FROM trade_logs')]),
      })
      expect([idsIn(pair, 'source').length, idsIn(pair, 'archive'), manifests(pair)]).toEqual([4, ids, [{row_count: 4, sequence: null, announced: 0}]])
      write(pair.archive, `DELETE FROM trade_logs WHERE batch_id = '${batch}'`)
      expect(await move(pair)).toMatchObject({recovered: [{outcome: 'withdrawn', rows: 0}], rows: 4})
      expect([idsIn(pair, 'source'), idsIn(pair, 'archive'), chainFaults(pair)]).toEqual([[], again.map(([id]) => id), []])

      const other = roundTrip('FINNIFTY', '2025-01-01')
      insertTrades(pair.source, other)
      await move(pair, {noDelete: true})
      write(pair.source, 'DELETE FROM trade_logs')
      await expect(move(pair, {leaseMs: 0})).rejects.toMatchObject({code: 'ARCHIVE_UNDECIDED'})
      insertTrades(pair.source, other)
      expect(await move(pair)).toMatchObject({recovered: [{outcome: 'sealed', rows: 4}]})
      expect([idsIn(pair, 'source'), idsIn(pair, 'archive').length, chainFaults(pair)]).toEqual([[], 8, []])
    })
  })

  test('are taken back at once where the run that says so then deletes nothing', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, closed)
      await move(pair, {noDelete: true})
      const atDeletion = () => write(pair.source, "UPDATE trade_logs SET price = 1 WHERE id LIKE '%-a'")
      expect(await move(pair, {atDeletion})).toMatchObject({recovered: [{outcome: 'withdrawn', rows: 4}]})
    })
  })
})

test('a run says so before each deletion, of its own batches and of those that others have left', async () => {
  await usingPair(async (pair) => {
    const announced: unknown[] = []
    const atDeletion = () => announced.push(...manifests(pair).filter(({sequence}) => sequence === null))
    insertTrades(pair.source, closed)
    expect(await move(pair, {atDeletion})).toMatchObject({rows: 4})
    insertTrades(pair.source, roundTrip('FINNIFTY', '2025-01-01'))
    await move(pair, {noDelete: true})
    expect(await move(pair, {atDeletion})).toMatchObject({recovered: [{outcome: 'sealed', rows: 4}]})
    expect(announced).toEqual(Array(2).fill({row_count: 4, sequence: null, announced: 1}))
  })
})

test('what has lost a trade is not the set that closed: it is taken back, and what is left of it is decided anew', async () => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, closed.slice(0, 1).concat(closed.slice(2, 3)))
    await move(pair, {noDelete: true})
    write(pair.source, 'DELETE FROM trade_logs WHERE id = ?', [ids[2] ?? ''])
    await expect(move(pair, {leaseMs: 0})).rejects.toMatchObject({code: 'ARCHIVE_UNDECIDED'})
    write(pair.archive, 'DELETE FROM trade_logs WHERE id = ?', [ids[2] ?? ''])
    expect(await move(pair)).toMatchObject({recovered: [{outcome: 'pending', rows: 1}], rows: 0})
    expect(await move(pair, {leaseMs: 0})).toMatchObject({recovered: [{outcome: 'withdrawn', rows: 1}], rows: 0})
    expect([idsIn(pair, 'source'), idsIn(pair, 'archive')]).toEqual([ids.slice(0, 1), []])
  })
})

test('a trade whose id is the empty text is found among the copies', async () => {
  await usingPair(async (pair) => {
    const trades = closed.map((trade, index) => (index === 2 ? (['', ...trade.slice(1)] as Trade) : trade))
    insertTrades(pair.source, trades)
    await expect(move(pair, {atDeletion: killed})).rejects.toThrow('killed')
    expect(await move(pair)).toMatchObject({recovered: [{outcome: 'sealed', rows: 4}]})
    expect([idsIn(pair, 'source'), idsIn(pair, 'archive').length, chainFaults(pair)]).toEqual([[], 4, []])
  })
})

describe('before the strategy is destroyed without its trades, what is copied', () => {
  const position = {...closedSelection({market: {} as never, positions: [], lenient: true}, () => undefined), hasPosition: () => true}

  test('is kept, whatever position was opened since and whatever came beside it', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, closed)
      await move(pair, {noDelete: true})
      insertTrades(pair.source, [['late', '2025-01-01 09:15:00', 'NIFTY', 'BUY', 50, 1, 'ENTRY', null]])
      expect(await move(pair, {selection: position, finishOnly: true, leaseMs: 60_000})).toMatchObject({recovered: [{outcome: 'sealed', rows: 4}]})
      expect([idsIn(pair, 'source'), idsIn(pair, 'archive'), chainFaults(pair)]).toEqual([['late'], ids, []])
    })
  })

  test('is not taken back where the strategy has it with another content: that would be lost', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, closed)
      await move(pair, {noDelete: true})
      write(pair.source, 'UPDATE trade_logs SET price = 1')
      await expect(move(pair, {finishOnly: true, leaseMs: 0})).rejects.toMatchObject({code: 'ARCHIVE_UNDECIDED', message: expect.stringContaining('not as')})
      expect([idsIn(pair, 'source'), idsIn(pair, 'archive')]).toEqual([ids, ids])
    })
  })
})

test('a position keeps what a run has left, also from one that is lenient', () => {
  const positions = [{symbol: 'NIFTY', quantity: 50}]
  const asked = closedSelection({market: {} as never, positions, lenient: true}, () => undefined)
  expect([asked.hasPosition?.('NIFTY'), asked.hasPosition?.('FINNIFTY')]).toEqual([true, false])
})
