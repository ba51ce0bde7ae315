import {describe, expect, test} from 'vitest'
import {idsIn, move} from '../../helpers/archive-move.ts'
import {insertTrades, type Pair, roundTrip, type Trade, usingPair, write} from '../../helpers/archive-pair.ts'

const closed = roundTrip('NIFTY', '2025-01-01')
const ids = closed.map(([id]) => id)
/** They stay: nothing exits them. */
const legs: Trade[] = [
  ['leg', '2025-01-02 09:15:00', 'NIFTY', 'BUY', 25, 44.05, 'ENTRY', null],
  ['other', '2025-01-01 09:15:00', 'BANKNIFTY', 'BUY', 25, 44.05, 'ENTRY', null],
  ['newest', '2025-01-02 09:15:00', 'BANKNIFTY', 'BUY', 25, 44.05, 'ENTRY', null],
]

const update = (pair: Pair, set: string, id: string) => write(pair.source, `UPDATE trade_logs SET ${set} WHERE id = ?`, [id])

describe('a deletion finds rows that stay, and are changed in the last moment to lie at or before the cut:', () => {
  test.for([
    ['the time is corrected', 'leg', "timestamp = '2025-01-01 10:15:00'"],
    ['the time is corrected to one of another format', 'leg', "timestamp = '2025-01-01T10:15:00.000Z'"],
    ['the time is corrected to none that can be compared', 'leg', "timestamp = 'noon'"],
    ['the symbol is corrected', 'other', "symbol = 'NIFTY'"],
    ['both are', 'newest', "symbol = 'NIFTY', timestamp = '2025-01-01 10:15:00'"],
  ] as const)('%s', async ([, id, set]) => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, [...closed, ...legs])
      expect(await move(pair, {atDeletion: () => update(pair, set, id)})).toMatchObject({rows: 0, left: [{symbol: 'NIFTY', reason: 'late'}]})
      expect([idsIn(pair, 'source').length, idsIn(pair, 'archive')]).toEqual([7, []])
    })
  })

  test('the newest one is deleted and comes again, by the same number and id', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, [...closed, ...legs])
      const again: Trade = ['newest', '2025-01-01 10:15:00', 'NIFTY', 'BUY', 25, 44.05, 'ENTRY', null]
      const atDeletion = () => {
        write(pair.source, "DELETE FROM trade_logs WHERE id = 'newest'")
        insertTrades(pair.source, [again])
      }
      expect(await move(pair, {atDeletion})).toMatchObject({rows: 0, left: [{symbol: 'NIFTY', reason: 'late'}]})
      expect(idsIn(pair, 'archive')).toEqual([])
    })
  })

  test('not where they are changed and still after it, or of another symbol', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, [...closed, ...legs])
      const atDeletion = () => {
        update(pair, "timestamp = '2025-01-01 10:15:01', price = 7", 'leg')
        update(pair, "timestamp = '2024-01-01 10:15:01'", 'other')
        update(pair, "symbol = 'NIFTY'", 'newest')
      }
      expect(await move(pair, {atDeletion})).toMatchObject({rows: 4, left: []})
      expect(idsIn(pair, 'archive')).toEqual(ids)
    })
  })

  test('where they are of a symbol that the batch before was refused for', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, [...closed, ...roundTrip('FINNIFTY', '2025-01-01'), ...legs])
      let deletions = 0
      const atDeletion = () => {
        deletions += 1
        if (deletions === 1) update(pair, "timestamp = '2025-01-01 10:15:00'", 'leg')
        else update(pair, "symbol = 'FINNIFTY'", ids[3] ?? '')
      }
      expect(await move(pair, {atDeletion})).toMatchObject({rows: 0, left: [{reason: 'late'}, {symbol: 'FINNIFTY', reason: 'late'}]})
    })
  })
})

test('rows that stay are read for each batch, but not for each symbol of it', async () => {
  await usingPair(async (pair) => {
    const symbols = Array.from({length: 50}, (_, index) => `S${index}`)
    const open = symbols.flatMap((symbol) =>
      legs.map(([id, , , ...rest], index): Trade => [`${symbol} ${id}`, `2025-0${index + 2}-01 09:15:00`, symbol, ...rest]),
    )
    insertTrades(pair.source, [...symbols.flatMap((symbol) => roundTrip(symbol, '2025-01-01')), ...open])
    expect(await move(pair)).toMatchObject({rows: 200, left: []})
    // The scan reads 350, each deletion two rows a trade; of the 150 that stay each of the 50 cuts would read all.
    expect(pair.source.read).toBeLessThan(350 + 2 * 200 + 6 * 150)
  })
})

test('two rows of one millisecond, of which one stays, keep nothing from being moved', async () => {
  await usingPair(async (pair) => {
    const same = closed.map(([id, , ...rest]): Trade => [id, '2025-01-01 09:15:00.000001', ...rest])
    insertTrades(pair.source, [...same, ['leg', '2025-01-01 09:15:00.000002', 'NIFTY', 'BUY', 25, 44.05, 'ENTRY', null]])
    expect(await move(pair)).toMatchObject({rows: 4, left: []})
    expect(idsIn(pair, 'source')).toEqual(['leg'])
  })
})

test.for([
  ['NULL', 'null'],
  ["x'00ff'", "x'00ff'"],
])('a newest row whose id is %s is named, and keeps no other symbol from being moved', async ([literal, id]) => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, closed)
    write(pair.source, `INSERT INTO trade_logs VALUES (${literal}, '2025-01-01', 'X', 'BUY', 1, 1, 'ENTRY', NULL)`)
    expect(await move(pair)).toMatchObject({rows: 4, odd: {rows: 1, ids: [id]}, stopped: 'done'})
    expect(idsIn(pair, 'archive')).toEqual(ids)
  })
})
