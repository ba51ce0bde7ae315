import {expect, test} from 'vitest'
import {moveClosedTrades} from '../../../src/archive/move.ts'
import {Steps} from '../../../src/archive/steps.ts'
import {withdraw} from '../../../src/archive/withdraw.ts'
import {chainFaults, idsIn, killed, move, selection} from '../../helpers/archive-move.ts'
import {insertTrades, opening, roundTrip, rowsIn, usingPair, write} from '../../helpers/archive-pair.ts'

const closed = roundTrip('NIFTY', '2025-01-01')
const ids = closed.map(([id]) => id)

test('a batch that is sealed while the reply of taking its copies back is lost is not said to be taken back', async () => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, closed)
    await move(pair, {noDelete: true})
    const [{batch_id: batchId, copied_at: epoch}] = rowsIn(pair, pair.archive, 'SELECT batch_id, copied_at FROM archive_batches') as [Record<string, string>]
    await opening(pair, async (source, opened) => {
      let isFirst = true
      const archive = {
        ...opened,
        requests: 0,
        async write(statements: Parameters<typeof opened.write>[0]) {
          if (!isFirst) return opened.write(statements)
          isFirst = false
          write(pair.archive, "UPDATE archive_batches SET sealed_at = 'now', sequence = 1, head_sha256 = 'head'")
          throw Object.assign(new Error('the reply was lost'), {code: 'REPLY_LOST'})
        },
      }
      const from = {databaseId: 'id-of-condor', strategy: 'stage-condor'}
      const archiving = {source, archive, from, toolVersion: '0.0.0', leaseMs: 0, steps: new Steps(() => 0)}
      const batch = {batchId: String(batchId), epoch: String(epoch), isOpen: false}
      await expect(withdraw(archiving, batch, ids)).rejects.toMatchObject({code: 'ARCHIVE_RACE'})
    })
    expect(idsIn(pair, 'archive')).toEqual(ids)
  })
})

test('copies that are made once more of trades that are gone are sealed by the next run, if this one is killed', async () => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, closed)
    const setPrice = (price: number) => write(pair.source, 'UPDATE trade_logs SET price = ? WHERE id = ?', [price, ids[0] ?? ''])
    const takenBack = async () => {
      setPrice(1)
      expect(await move(pair, {leaseMs: 0, maxRows: 0})).toMatchObject({recovered: [{outcome: 'withdrawn', rows: 4}]})
      setPrice(closed[0]?.[5] ?? 0)
    }
    const run = opening(pair, (source, archive) => {
      const watched = (database: typeof source, match: string, happens: () => Promise<unknown>) => ({
        ...database,
        requests: 0,
        async write(statements: Parameters<typeof database.write>[0]) {
          if (statements.some(({sql}) => sql.includes(match))) await happens()
          return database.write(statements)
        },
      })
      const [from, into] = [watched(source, 'DELETE', takenBack), watched(archive, 'head_sha256 = ?', killed)]
      return moveClosedTrades(
        {source: from, archive: into, toolVersion: '0.0.0', onProgress: () => undefined, leaseMs: 60_000},
        {databaseId: 'id-of-condor', strategy: 'stage-condor', selection},
      )
    })
    await expect(run).rejects.toThrow('killed')
    expect([idsIn(pair, 'source'), idsIn(pair, 'archive'), rowsIn(pair, pair.archive, 'SELECT sequence FROM archive_batches')]).toEqual([
      [],
      ids,
      [{sequence: null}],
    ])
    expect(await move(pair)).toMatchObject({recovered: [{outcome: 'sealed', rows: 4}]})
    expect(chainFaults(pair)).toEqual([])
  })
})
