import {describe, expect, test} from 'vitest'
import {archivedTrades} from '../../../src/archive/archived-trades.ts'
import {opening, type Pair, usingPair, write} from '../../helpers/archive-pair.ts'

const insert = ({archive}: Pair, databaseId: string, rows: number) =>
  write(
    archive,
    `INSERT INTO trade_logs SELECT ?1, printf('T-%05d', value), 'condor', '2025-01-01 09:15:00', 'NIFTY', 'BUY', 50, value / 7.0, 'ENTRY', NULL, 'hash', 'batch'
      FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ?2) SELECT value FROM n)`,
    [databaseId, rows],
  )

describe('the rows of an archive', () => {
  test('come once each, in order of the key, wherever a page ends, and each is read once', async () => {
    await usingPair(async (pair) => {
      const expected: string[] = []
      for (const [databaseId, rows] of Object.entries({a: 1000, b: 1, c: 1700, d: 30, e: 270})) {
        insert(pair, databaseId, rows)
        for (let row = 1; row <= rows; row++) expected.push(`${databaseId} T-${String(row).padStart(5, '0')}`)
      }
      const found = await opening(pair, async (_, archive) => {
        const keys: string[] = []
        for await (const page of archivedTrades(archive)) keys.push(...page.map(({databaseId, id}) => `${databaseId} ${id}`))
        return keys
      })
      expect(found).toEqual(expected)
      expect(pair.archive.read).toBeLessThanOrEqual(expected.length + 5)
    })
  })

  test('of an archive without any are none', async () => {
    await usingPair(async (pair) => {
      await opening(pair, async (_, archive) => expect(await Array.fromAsync(archivedTrades(archive))).toEqual([]))
    })
  })
})
