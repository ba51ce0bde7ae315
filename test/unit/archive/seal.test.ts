import {describe, expect, test} from 'vitest'
import {hashHead} from '../../../src/archive/canonical.ts'
import {type MoveDependencies, moveClosedTrades} from '../../../src/archive/move.ts'
import {closedBefore, insertTrades, opening, type Pair, roundTrip, rowsIn, usingPair, write} from '../../helpers/archive-pair.ts'

const move = (pair: Pair, dependencies: Partial<MoveDependencies> = {}) =>
  opening(pair, (source, archive) =>
    moveClosedTrades(
      {source, archive, toolVersion: '0.0.0', onProgress: () => undefined, ...dependencies},
      {databaseId: 'id-of-condor', strategy: 'stage-condor', selection: closedBefore('2026-06-01')},
    ),
  )

/** Does something before each request whose body has a text. */
function justBefore(pair: Pair, text: string, act: () => unknown): void {
  pair.server.watch = (_, body) => {
    if (body.includes(text)) act()
  }
}

const sealing = 'SET sequence = ?3'

const count = (pair: Pair, at: 'source' | 'archive', table = 'trade_logs') => rowsIn(pair, pair[at], `SELECT 1 FROM ${table}`).length

function dropTriggers(pair: Pair): void {
  for (const {name} of rowsIn(pair, pair.archive, "SELECT name FROM sqlite_schema WHERE type = 'trigger'")) write(pair.archive, `DROP TRIGGER ${name}`)
}

/** Somebody else seals an empty batch after the last one. */
function sealAnother(pair: Pair): void {
  const [last] = rowsIn(pair, pair.archive, 'SELECT sequence, head_sha256 FROM archive_batches WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1')
  const sequence = Number(last?.['sequence'] ?? 0) + 1
  const prevSha256 = last ? String(last['head_sha256']) : null
  const batch = {sequence, batchId: `other-${sequence}`, databaseId: 'id', isOpen: false, rowCount: 0, rowsSha256: 'r', prevSha256}
  const head = hashHead({...batch, copiedAt: 'c', deletedAt: 'd', sealedAt: 's', toolVersion: 't'})
  write(pair.archive, "INSERT INTO archive_batches VALUES (?, 'id', 0, 'r', NULL, NULL, 'c', 'd', NULL, 't', NULL, 0)", [batch.batchId])
  const values = [batch.batchId, prevSha256, head, sequence]
  write(pair.archive, "UPDATE archive_batches SET prev_sha256 = ?2, head_sha256 = ?3, sealed_at = 's', sequence = ?4 WHERE batch_id = ?1", values)
}

describe('sealing', () => {
  for (const [what, sql] of [
    ['has no head', 'UPDATE archive_batches SET head_sha256 = NULL'],
    ['has a head that is no hash', "UPDATE archive_batches SET head_sha256 = 'x'"],
    ['is not what its head says', "UPDATE archive_batches SET tool_version = '9'"],
    ['has a place that is no number', "UPDATE archive_batches SET sequence = 'last'"],
  ] as const) {
    test(`builds on no batch that ${what}: it ends, and trades are not deleted for it`, async () => {
      await usingPair(async (pair) => {
        insertTrades(pair.source, roundTrip('NIFTY', '2025-01-01'))
        await move(pair)
        dropTriggers(pair)
        insertTrades(pair.source, roundTrip('NIFTY', '2025-01-02'))
        // Only then: this run has looked at the archive before.
        justBefore(pair, 'DELETE FROM trade_logs', () => write(pair.archive, `${sql} WHERE sequence = 1`))
        await expect(move(pair)).rejects.toMatchObject({code: 'ARCHIVE_ALTERED'})
        expect(count(pair, 'archive')).toBe(8)
        insertTrades(pair.source, roundTrip('BANKNIFTY', '2025-01-03'))
        write(pair.archive, 'DELETE FROM archive_batches WHERE sealed_at IS NULL')
        await expect(move(pair)).rejects.toMatchObject({code: 'ARCHIVE_ALTERED'})
        expect(count(pair, 'source')).toBe(4)
      })
    })
  }

  test('takes the next place where others are faster, and gives up where they always are; the next run seals it', async () => {
    await usingPair(async (pair) => {
      let others = 2
      justBefore(pair, sealing, () => others-- > 0 && sealAnother(pair))
      insertTrades(pair.source, roundTrip('NIFTY', '2025-01-01'))
      expect(await move(pair)).toMatchObject({rows: 4})
      justBefore(pair, sealing, () => sealAnother(pair))
      insertTrades(pair.source, roundTrip('NIFTY', '2025-01-02'))
      await expect(move(pair, {leaseMs: 500})).rejects.toMatchObject({code: 'DATABASE_BUSY', message: expect.stringContaining('archive')})
      pair.server.watch = () => undefined
      expect(await move(pair)).toMatchObject({recovered: [{outcome: 'sealed', rows: 4}]})
    })
  })

  test('tells nothing of a symbol as archived where it did not come about', async () => {
    await usingPair(async (pair) => {
      let others = 0
      justBefore(pair, sealing, () => write(pair.archive, `UPDATE archive_batches SET copied_at = '2099-01-01T00:00:00.00${others++}Z'`))
      insertTrades(pair.source, roundTrip('NIFTY', '2025-01-01'))
      await expect(move(pair)).rejects.toMatchObject({code: 'ARCHIVE_RACE'})
      expect(count(pair, 'archive', 'archive_cuts')).toBe(0)
    })
  })
})
