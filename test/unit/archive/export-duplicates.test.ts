import {join} from 'node:path'
import {expect} from 'vitest'
import {exportArchive} from '../../../src/archive/export-archive.ts'
import {move} from '../../helpers/archive-move.ts'
import {insertTrades, opening, roundTrip, type Trade, usingPair, write} from '../../helpers/archive-pair.ts'
import {test} from '../../helpers/test.ts'

test('an export tells of trades that are there under two databases, as those of a restored one, and of none that differ', async ({folder}) => {
  await usingPair(async (pair) => {
    const exported = (name: string, from: string, to: string) =>
      opening(pair, (_, archive) =>
        exportArchive(
          {archive, stratVersion: '1.2.3', onProgress: () => undefined},
          {range: {from, to}, timeZone: 'Asia/Kolkata', format: 'csv', out: join(folder, name)},
        ),
      )
    const undated: Trade = ['undated', null, 'NIFTY', 'BUY', 50, 1, 'ENTRY', null]
    const trades = [0, 1, 2].flatMap((index) => roundTrip('NIFTY', '2025-01-01', index))
    for (const databaseId of ['id-of-condor', 'id-of-restored']) {
      insertTrades(pair.source, [...trades, undated, ...roundTrip('NIFTY', '2025-05-01')])
      if (databaseId === 'id-of-restored') write(pair.source, "UPDATE trade_logs SET price = 7 WHERE timestamp LIKE '2025-05%'")
      await move(pair, {databaseId, everything: true})
    }
    const {duplicates} = await exported('a', '2025-01-01', '2025-12-31')
    expect(duplicates).toEqual({
      trades: 13,
      ids: trades
        .map(([id]) => id)
        .sort()
        .slice(0, 10),
    })
    expect((await exported('b', '2025-05-01', '2025-12-31')).duplicates).toEqual({trades: 1, ids: ['undated']})
  })
})
