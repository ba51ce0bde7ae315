import {describe, expect, test} from 'vitest'
import {chainFaults, idsIn, killed, move, selection} from '../../helpers/archive-move.ts'
import {insertTrades, type Pair, roundTrip, rowsIn, type Trade, usingPair, write} from '../../helpers/archive-pair.ts'

const closed = roundTrip('NIFTY', '2025-01-01')
const ids = closed.map(([id]) => id)
const [first = ''] = ids

/** A run that ends between copying and deleting. */
async function leaveCopies(pair: Pair, trades: Trade[] = closed): Promise<void> {
  insertTrades(pair.source, trades)
  await expect(move(pair, {atDeletion: killed})).rejects.toThrow('killed')
}

const undecided = {code: 'ARCHIVE_UNDECIDED', message: expect.stringContaining(first)}

describe('where the source has some trades of a batch that a dead run has left, and not others,', () => {
  test('nothing is sealed, taken back or deleted, and the batch and the trades are named; after it was said that the bot took them back, the rest is moved', async () => {
    await usingPair(async (pair) => {
      await leaveCopies(pair)
      const [{batch_id: batch}] = rowsIn(pair, pair.archive, 'SELECT batch_id FROM archive_batches') as [{batch_id: string}]
      const corrected = ['corrected', ...(closed[0] as Trade).slice(1)] as Trade
      write(pair.source, 'DELETE FROM trade_logs WHERE id = ?', [first])
      insertTrades(pair.source, [corrected])
      // That run may still be at it.
      expect(await move(pair)).toMatchObject({recovered: [{outcome: 'pending'}], rows: 0})
      await expect(move(pair, {leaseMs: 0})).rejects.toMatchObject({
        ...undecided,
        suggestions: expect.arrayContaining([expect.stringContaining(`batch_id = '${batch}'`)]),
      })
      expect([idsIn(pair, 'source').length, idsIn(pair, 'archive'), chainFaults(pair)]).toEqual([4, ids, []])
      write(pair.archive, `DELETE FROM trade_logs WHERE source_database_id = 'id-of-condor' AND batch_id = '${batch}' AND id IN ('${first}')`)
      expect(await move(pair, {leaseMs: 0})).toMatchObject({recovered: [{outcome: 'withdrawn', rows: 3}]})
      expect(await move(pair)).toMatchObject({rows: 4})
      expect([idsIn(pair, 'source'), idsIn(pair, 'archive'), chainFaults(pair)]).toEqual([[], ['corrected', ...ids.slice(1)].sort(), []])
    })
  })

  test('it goes on when they are in the source again; and where all are gone, they are sealed', async () => {
    await usingPair(async (pair) => {
      await leaveCopies(pair)
      write(pair.source, 'DELETE FROM trade_logs WHERE id <> ?', [first])
      await expect(move(pair, {leaseMs: 0})).rejects.toMatchObject({code: 'ARCHIVE_UNDECIDED'})
      insertTrades(pair.source, closed.slice(1))
      expect(await move(pair)).toMatchObject({recovered: [{outcome: 'sealed', rows: 4}], rows: 0})
      await leaveCopies(pair, roundTrip('FINNIFTY', '2025-01-01'))
      write(pair.source, 'DELETE FROM trade_logs')
      expect(await move(pair, {leaseMs: 0})).toMatchObject({recovered: [{outcome: 'sealed', rows: 4}], rows: 0})
      expect([idsIn(pair, 'source'), idsIn(pair, 'archive').length, chainFaults(pair)]).toEqual([[], 8, []])
    })
  })
})

test('where a position has been opened since in a symbol of a batch, the copies are taken back, and its other symbols move', async () => {
  await usingPair(async (pair) => {
    await leaveCopies(pair, [...closed, ...roundTrip('FINNIFTY', '2025-01-01')])
    const open = {...selection, hasPosition: (symbol: string) => symbol === 'NIFTY', select: () => [{symbol: 'FINNIFTY', rows: 4}]}
    expect(await move(pair, {selection: open})).toMatchObject({recovered: [{outcome: 'pending', rows: 8}], rows: 0})
    expect(await move(pair, {selection: open, leaseMs: 0})).toMatchObject({recovered: [{outcome: 'withdrawn', rows: 8}]})
    expect(await move(pair, {selection: open})).toMatchObject({rows: 4})
    expect(idsIn(pair, 'source')).toEqual(ids)
    // Who destroys the strategy does not ask.
    await expect(move(pair, {everything: true, atDeletion: killed})).rejects.toThrow('killed')
    expect(await move(pair, {everything: true, selection: open})).toMatchObject({recovered: [{outcome: 'sealed', rows: 4}]})
    expect([idsIn(pair, 'source'), chainFaults(pair)]).toEqual([[], []])
  })
})
