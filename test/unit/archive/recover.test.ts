import {describe, expect, test} from 'vitest'
import {type MoveInput, moveClosedTrades} from '../../../src/archive/move.ts'
import type {Database} from '../../../src/database/database.ts'
import {faultsOfChain} from '../../helpers/archive-chain.ts'
import {closedBefore, insertTrades, opening, type Pair, roundTrip, rowsIn, type Trade, usingPair, write} from '../../helpers/archive-pair.ts'

type Options = Partial<MoveInput> & {leaseMs?: number; atDeletion?: () => Promise<unknown>}

/** A run, in which something may happen just before its deletion is sent. */
const move = (pair: Pair, {leaseMs = 60_000, atDeletion = async () => undefined, ...input}: Options = {}) =>
  opening(pair, (source, archive) => {
    const delayed: Database = {
      ...source,
      requests: 0,
      async write(statements) {
        await atDeletion()
        return source.write(statements)
      },
    }
    return moveClosedTrades(
      {source: delayed, archive, toolVersion: '0.0.0', onProgress: () => undefined, leaseMs},
      {databaseId: 'id-of-condor', strategy: 'stage-condor', selection: closedBefore('2026-06-01'), ...input},
    )
  })

const closed = roundTrip('NIFTY', '2025-01-01')
const ids = closed.map(([id]) => id)

const idsIn = (pair: Pair, at: 'source' | 'archive') => rowsIn(pair, pair[at], 'SELECT id FROM trade_logs ORDER BY id').map(({id}) => id)

const expectWhole = (pair: Pair) =>
  expect(faultsOfChain(rowsIn(pair, pair.archive, 'SELECT * FROM archive_batches'), rowsIn(pair, pair.archive, 'SELECT * FROM trade_logs'))).toEqual([])

const setPrice = (pair: Pair, price: number) => write(pair.source, 'UPDATE trade_logs SET price = ? WHERE id = ?', [price, ids[0] ?? ''])

const killed = () => Promise.reject(new Error('killed'))

describe('finishing what a run has left', () => {
  test('takes no copy back while that run may still delete: it does, and the archive has the rows', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, closed)
      const atDeletion = async () => {
        // For a moment the source has something else, and then the same again.
        setPrice(pair, 1)
        expect(await move(pair)).toMatchObject({recovered: [{outcome: 'pending'}], rows: 0, left: [{symbol: 'NIFTY', reason: 'pending'}]})
        setPrice(pair, 100)
      }
      expect(await move(pair, {atDeletion})).toMatchObject({rows: 4})
      expect([idsIn(pair, 'source'), idsIn(pair, 'archive')]).toEqual([[], ids])
      expectWhole(pair)
    })
  })

  test('takes the copies back when that run can delete no more, and then it cannot', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, closed)
      const leaseMs = 200
      const atDeletion = async () => {
        setPrice(pair, 1)
        const end = Date.now() + 10_000
        while (Date.now() < end && (await move(pair, {leaseMs, noDelete: false, maxRows: 0})).recovered[0]?.outcome !== 'withdrawn');
        setPrice(pair, 100)
      }
      await expect(move(pair, {leaseMs, atDeletion})).rejects.toMatchObject({code: 'ARCHIVE_RACE'})
      expect([idsIn(pair, 'source'), idsIn(pair, 'archive')]).toEqual([ids, []])
      expect(await move(pair)).toMatchObject({rows: 4})
      expectWhole(pair)
    })
  })

  test('takes no copy back of its own while a deletion of which it has lost the reply may still arrive', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, closed)
      let [deletions, hasArrived] = [0, false]
      pair.server.watch = (line, body) => {
        if (!body.includes('DELETE FROM trade_logs')) return
        deletions += 1
        const afterwards = () => {
          hasArrived = true
        }
        if (deletions === 1) pair.server.faults.push({match: new RegExp(line.replace(/.* /, '')), fail: 'late', lateMs: 1000, afterwards})
        if (deletions === 2) setPrice(pair, 1)
      }
      expect(await move(pair)).toMatchObject({rows: 0, left: [{symbol: 'NIFTY', reason: 'pending'}]})
      setPrice(pair, 100)
      await expect.poll(() => hasArrived, {timeout: 10_000}).toBe(true)
      expect([idsIn(pair, 'source'), idsIn(pair, 'archive')]).toEqual([[], ids])
      expect(await move(pair)).toMatchObject({recovered: [{outcome: 'sealed', rows: 4}]})
      expectWhole(pair)
    })
  })

  test('takes the copies back where a row has come since that belongs to them', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, closed)
      await expect(move(pair, {atDeletion: killed})).rejects.toThrow('killed')
      const late: Trade = ['late', '2025-01-01 09:15:00', 'NIFTY', 'BUY', 50, 1, 'ENTRY', null]
      insertTrades(pair.source, [late])
      expect(await move(pair, {leaseMs: 0})).toMatchObject({recovered: [{outcome: 'withdrawn', rows: 4}], rows: 0})
      expect([idsIn(pair, 'source'), idsIn(pair, 'archive')]).toEqual([[...ids, 'late'], []])
    })
  })

  test('stops where the copy is not what its hash says', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, closed)
      await expect(move(pair, {atDeletion: killed})).rejects.toThrow('killed')
      write(pair.archive, 'UPDATE trade_logs SET pnl = 1 WHERE id = ?', [ids[3] ?? ''])
      await expect(move(pair)).rejects.toMatchObject({code: 'ARCHIVE_CONFLICT', message: expect.stringContaining(ids[3] ?? '')})
      expect(idsIn(pair, 'source')).toEqual(ids)
    })
  })

  test('reads the copies of all batches once, however many there are', async () => {
    await usingPair(async (pair) => {
      insertTrades(
        pair.source,
        Array.from({length: 100}, (_, index) => roundTrip('NIFTY', new Date(Date.UTC(2025, 0, 1 + index)).toISOString().slice(0, 10), index)).flat(),
      )
      for (let batch = 1; batch <= 4; batch++) expect(await move(pair, {noDelete: true, maxRows: 100})).toMatchObject({copied: 100})
      const before = pair.archive.read
      expect((await move(pair)).recovered).toHaveLength(4)
      // To look past all copies for each batch would be 1,600.
      expect(pair.archive.read - before).toBeLessThan(400 + 100)
      expectWhole(pair)
    })
  })
})
