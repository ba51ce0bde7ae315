import {describe, expect, test} from 'vitest'
import {chainFaults, idsIn, killed, move} from '../../helpers/archive-move.ts'
import {insertTrades, type Pair, roundTrip, type Trade, usingPair, write} from '../../helpers/archive-pair.ts'

const dayOf = (index: number) => new Date(Date.UTC(2021, 0, 1 + index)).toISOString().slice(0, 10)

/** As it is imported from a broker's list: what is moved first was inserted last. */
const newestFirst = (count: number) =>
  Array.from({length: count}, (_, index) => roundTrip('NIFTY', dayOf(index), index))
    .flat()
    .reverse()

const late: Trade = ['late', `${dayOf(259)} 10:15:00`, 'NIFTY', 'BUY', 50, 1, 'ENTRY', null]

/** Does something before the second deletion. */
function atSecond(act: () => unknown): () => unknown {
  let deletions = 0
  return () => {
    deletions += 1
    return deletions === 2 ? act() : undefined
  }
}

describe('of a history that was inserted newest first', () => {
  test('all goes, batch after batch, and the highest number that is left tells new rows each time', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, newestFirst(260))
      expect(await move(pair)).toMatchObject({rows: 1040, batches: 2, left: [], stopped: 'done'})
      expect([idsIn(pair, 'source'), chainFaults(pair)]).toEqual([[], []])
    })
  })

  test('a late row is found whose number is lower than those that are moved already', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, newestFirst(260))
      expect(await move(pair, {atDeletion: atSecond(() => insertTrades(pair.source, [late]))})).toMatchObject({
        rows: 1000,
        left: [{symbol: 'NIFTY', reason: 'late'}],
      })
      expect(idsIn(pair, 'source')).toHaveLength(41)
    })
  })

  test('it is found by a run, too, that finishes what an earlier one has copied', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, newestFirst(260))
      await move(pair, {noDelete: true})
      const result = await move(pair, {atDeletion: atSecond(() => insertTrades(pair.source, [late]))})
      expect(result).toMatchObject({
        recovered: [
          {outcome: 'sealed', rows: 1000},
          {outcome: 'withdrawn', rows: 40},
        ],
        rows: 0,
        left: [{reason: 'late'}],
      })
      expect(idsIn(pair, 'source')).toHaveLength(41)
    })
  })

  test('nothing goes any more when the newest that is left is gone', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, newestFirst(260))
      const newest = (pair: Pair) => write(pair.source, 'DELETE FROM trade_logs WHERE rowid = (SELECT max(rowid) FROM trade_logs)')
      expect(await move(pair, {atDeletion: atSecond(() => newest(pair))})).toMatchObject({rows: 1000, stopped: 'changed'})
    })
  })
})

test('rows with numbers below 1 are read, moved, and looked at as all others', async () => {
  await usingPair(async (pair) => {
    const add = (rowid: number, [id, timestamp, symbol]: Trade) =>
      write(
        pair.source,
        "INSERT INTO trade_logs (rowid, id, timestamp, symbol, action, quantity, price, execution_reason) VALUES (?, ?, ?, ?, 'BUY', 50, 1, 'ENTRY')",
        [rowid, id, timestamp, symbol],
      )
    insertTrades(pair.source, roundTrip('NIFTY', '2025-01-01'))
    write(pair.source, 'UPDATE trade_logs SET rowid = rowid - 4')
    add(-7, ['leg', '2025-01-01 09:15:00', 'BANKNIFTY', 'BUY', 50, 1, 'ENTRY', null])
    expect(await move(pair, {atDeletion: killed}).catch(({message}) => message)).toBe('killed')
    expect(await move(pair)).toMatchObject({scanned: 5, recovered: [{outcome: 'sealed', rows: 4}]})
    expect(await move(pair, {everything: true})).toMatchObject({rows: 1})
    expect(idsIn(pair, 'source')).toEqual([])
  })
})

test('a row with a number below 1 that belongs to what would be moved keeps it', async () => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, roundTrip('NIFTY', '2025-01-01'))
    write(
      pair.source,
      "INSERT INTO trade_logs (rowid, id, timestamp, symbol, action, quantity, price, execution_reason) VALUES (-5, 'leg', '2025-01-01 10:15:00', 'NIFTY', 'BUY', 50, 1, 'ENTRY')",
    )
    expect(await move(pair)).toMatchObject({scanned: 5, rows: 0, kept: 5})
  })
})
