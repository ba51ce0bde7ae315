import {expect, test} from 'vitest'
import {chainFaults, idsIn, move} from '../../helpers/archive-move.ts'
import {insertTrades, roundTrip, rowsIn, usingPair, write} from '../../helpers/archive-pair.ts'

const closed = roundTrip('NIFTY', '2025-01-01')
const ids = closed.map(([id]) => id)

test('trades are not deleted on the word of copies that no sealed batch has, and the way out that is named ends it', async () => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, closed)
    await move(pair, {noDelete: true})
    write(pair.archive, 'DELETE FROM archive_batches')
    const error = await move(pair).then(
      () => undefined,
      (thrown) => thrown,
    )
    expect(error).toMatchObject({code: 'ARCHIVE_ALTERED', message: expect.stringContaining(ids[0] ?? '')})
    expect([idsIn(pair, 'source'), idsIn(pair, 'archive'), rowsIn(pair, pair.archive, 'SELECT * FROM archive_batches')]).toEqual([ids, ids, []])
    const [statement = ''] = /INSERT .*;/.exec(error.suggestions.join('\n')) ?? []
    write(pair.archive, statement)
    expect(await move(pair)).toMatchObject({recovered: [{outcome: 'withdrawn', rows: 4}], rows: 4})
    expect([idsIn(pair, 'source'), idsIn(pair, 'archive'), chainFaults(pair)]).toEqual([[], ids, []])
  })
})
