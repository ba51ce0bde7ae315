import {describe, expect, test} from 'vitest'
import {hashRow} from '../../../src/archive/canonical.ts'
import {moveClosedTrades} from '../../../src/archive/move.ts'
import {tradeColumns} from '../../../src/archive/trade-row.ts'
import {verifyArchive} from '../../../src/archive/verify-archive.ts'
import {closedBefore, insertTrades, opening, type Pair, roundTrip, rowsIn, usingPair, write} from '../../helpers/archive-pair.ts'

const move = (pair: Pair, databaseId = 'id-of-condor', noDelete = false) =>
  opening(pair, (source, archive) =>
    moveClosedTrades(
      {source, archive, toolVersion: '0.0.0', onProgress: () => undefined},
      {databaseId, strategy: 'stage-condor', selection: closedBefore('2026-06-01'), noDelete},
    ),
  )

const verify = (pair: Pair, head?: string) => opening(pair, (_, archive) => verifyArchive({archive, onProgress: () => undefined}, {head}))

const heads = (pair: Pair) => rowsIn(pair, pair.archive, 'SELECT head_sha256 FROM archive_batches ORDER BY sequence').map((row) => String(row['head_sha256']))

const batchId = (pair: Pair, sequence: number) =>
  String(rowsIn(pair, pair.archive, `SELECT batch_id FROM archive_batches WHERE sequence = ${sequence}`)[0]?.['batch_id'])

/** Three sealed batches of four rows each, the last of another source, and no trigger that would refuse what a test does to them. */
async function usingSealed(use: (pair: Pair) => Promise<void>): Promise<void> {
  await usingPair(async (pair) => {
    for (const [index, day] of ['2025-01-01', '2025-01-02', '2025-01-03'].entries()) {
      insertTrades(pair.source, roundTrip('NIFTY', day))
      await move(pair, index < 2 ? 'id-of-condor' : 'id-of-fly')
    }
    for (const {name} of rowsIn(pair, pair.archive, "SELECT name FROM sqlite_schema WHERE type = 'trigger'")) write(pair.archive, `DROP TRIGGER ${name}`)
    await use(pair)
  })
}

const tamper = (pair: Pair, sql: string) => expect(write(pair.archive, sql)).toBeGreaterThan(0)

const kinds = (result: {problems: {kind: string}[]}) => result.problems.map(({kind}) => kind)

const id = 'NIFTY-2025-01-02-0-c'

describe('verifying an archive', () => {
  test('that is as it was sealed finds nothing wrong, reads each row once, and tells the head', async () => {
    await usingSealed(async (pair) => {
      pair.archive.read = 0
      expect(await verify(pair)).toEqual({
        archive: 'archive',
        batches: 3,
        rows: 12,
        head: heads(pair)[2],
        anchor: null,
        problems: [],
        counts: {},
        unsealed: [],
      })
      expect(pair.archive.read).toBeLessThanOrEqual(12 + 2 * 3 + 2)
    })
  })

  test('reads past its pages once', async () => {
    await usingPair(async (pair) => {
      insertTrades(
        pair.source,
        Array.from({length: 1250}, (_, index) => roundTrip('NIFTY', '2025-01-01', index)).flatMap((trades, index) =>
          trades.map((trade) => trade.with(1, `2025-01-01 09:15:${String(index).padStart(4, '0')}`) as typeof trade),
        ),
      )
      await move(pair)
      pair.archive.read = 0
      expect(await verify(pair)).toMatchObject({rows: 5000, problems: []})
      expect(pair.archive.read).toBeLessThan(5000 + 30)
    })
  })

  test('an empty one finds nothing, unless it once had a head', async () => {
    await usingPair(async (pair) => {
      expect(await verify(pair)).toMatchObject({batches: 0, rows: 0, head: null, anchor: null, problems: []})
      expect(await verify(pair, 'a'.repeat(64))).toMatchObject({anchor: 'missing', counts: {'head-missing': 1}})
    })
  })

  test('tells of batches that are not sealed, and does not blame them', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, roundTrip('NIFTY', '2025-01-01'))
      await move(pair, 'id-of-condor', true)
      expect(await verify(pair)).toMatchObject({batches: 0, rows: 4, head: null, problems: [], unsealed: [{source: 'id-of-condor'}]})
    })
  })

  test('tells the head from one of its ancestors, and from what is no head of it', async () => {
    await usingSealed(async (pair) => {
      const [first = '', , last = ''] = heads(pair)
      expect(await verify(pair, ` ${last.toUpperCase()}\n`)).toMatchObject({anchor: 'head', problems: []})
      expect(await verify(pair, first)).toMatchObject({anchor: 'ancestor', problems: []})
      expect(await verify(pair, 'a'.repeat(64))).toMatchObject({anchor: 'missing', problems: [{kind: 'head-missing'}]})
      await expect(verify(pair, last.slice(1))).rejects.toMatchObject({code: 'USAGE'})
    })
  })

  test('does not blame what another run does meanwhile', async () => {
    await usingSealed(async (pair) => {
      insertTrades(pair.source, roundTrip('BANKNIFTY', '2025-01-05'))
      let isDone = false
      pair.server.watch = (_, body) => {
        if (isDone || !body.includes('FROM trade_logs')) return
        isDone = true
        const columns = "'id-of-fly', 'new', 'stage-fly', '2025-01-01', 'NIFTY', 'BUY', 1, 1, 'ENTRY', NULL"
        const hash = hashRow({databaseId: 'id-of-fly', strategy: 'stage-fly'}, '["new","2025-01-01","NIFTY","BUY",1,1,"ENTRY",null]')
        write(pair.archive, `INSERT INTO trade_logs VALUES (${columns}, '${hash}', 'newer')`)
        write(
          pair.archive,
          `INSERT INTO archive_batches (batch_id, source_database_id, row_count, rows_sha256, copied_at, tool_version)
          VALUES ('newer', 'id-of-fly', 1, '', '', '')`,
        )
      }
      expect(await verify(pair)).toMatchObject({rows: 13, problems: []})
    })
  })
})

describe('verifying finds', () => {
  const others: Record<string, string> = {
    timestamp: "'2025-01-02 10:15:01'",
    quantity: 'quantity + 1',
    price: 'price + 1e-12',
    pnl: 'NULL',
    source_database_id: "'id-of-other'",
  }

  test.for([...tradeColumns, 'source_database_id', 'strategy', 'row_sha256', 'batch_id'])('a sealed row whose %s was changed', async (column) => {
    await usingSealed(async (pair) => {
      tamper(pair, `UPDATE trade_logs SET ${column} = ${others[column] ?? `${column} || 'x'`} WHERE id = '${id}'`)
      const {problems} = await verify(pair)
      expect(problems).toContainEqual(expect.objectContaining(column === 'batch_id' ? {kind: 'row-unbatched', id} : {kind: 'row-altered'}))
      expect(problems.find(({kind}) => kind === 'row-altered' || kind === 'row-unbatched')?.id).toBe(column === 'id' ? `${id}x` : id)
    })
  })

  test.for([
    ['pnl', '9e999', 'a'],
    ['symbol', "CAST('NIFTY' AS BLOB)", 'a'],
    ['timestamp', '9007199254740993', 'c'],
    ['quantity', "'50 '||x'00'", 'c'],
  ])('a sealed row whose %s became %s, which no text shows', async ([column, value, leg]) => {
    await usingSealed(async (pair) => {
      tamper(pair, `UPDATE trade_logs SET ${column} = ${value} WHERE id = 'NIFTY-2025-01-02-0-${leg}'`)
      expect(kinds(await verify(pair))).toEqual(['row-altered'])
    })
  })

  test.for([
    ['batch_id', "batch_id || 'x'"],
    ['source_database_id', "'id-of-other'"],
    ['row_count', '5'],
    ['rows_sha256', "'x'"],
    ['prev_sha256', "'x'"],
    ['head_sha256', "'x'"],
    ['copied_at', "'x'"],
    ['copied_at', 'CAST(copied_at AS BLOB)'],
    ['deleted_at', 'NULL'],
    ['sealed_at', 'NULL'],
    ['tool_version', "'x'"],
    ['is_open', '1'],
    ['is_open', '2'],
    ['sequence', '7'],
    ['sequence', 'NULL'],
    ['sequence', "'x'"],
    ['sequence', '9007199254740993'],
  ])('a manifest whose %s became %s', async ([column, value]) => {
    await usingSealed(async (pair) => {
      const batch = batchId(pair, 2)
      tamper(pair, `UPDATE archive_batches SET ${column} = ${value} WHERE sequence = 2`)
      const {problems} = await verify(pair)
      expect(problems).toContainEqual(expect.objectContaining({kind: 'manifest-altered', batch: column === 'batch_id' ? `${batch}x` : batch}))
    })
  })

  test('a row that is gone, whichever batch it was of', async () => {
    await usingSealed(async (pair) => {
      tamper(pair, `DELETE FROM trade_logs WHERE id = '${id}'`)
      const detail = expect.stringContaining('has 3 rows; its manifest says 4')
      expect((await verify(pair)).problems).toEqual([{kind: 'rows-missing', batch: batchId(pair, 2), source: 'id-of-condor', detail}])
    })
  })

  test('a batch whose rows are all gone, also as the only one of its source', async () => {
    await usingSealed(async (pair) => {
      tamper(pair, "DELETE FROM trade_logs WHERE source_database_id = 'id-of-fly'")
      expect((await verify(pair)).problems).toMatchObject([{kind: 'rows-missing', batch: batchId(pair, 3)}])
    })
  })

  test('a row that was added to a sealed batch, with a hash that is right', async () => {
    await usingSealed(async (pair) => {
      const columns = "source_database_id, '0' || id, strategy, timestamp, symbol, action, quantity, price, execution_reason, pnl, row_sha256, batch_id"
      tamper(pair, `INSERT INTO trade_logs SELECT ${columns} FROM trade_logs WHERE id = '${id}'`)
      expect(kinds(await verify(pair))).toEqual(['row-altered', 'rows-added'])
    })
  })

  test('rows that were exchanged between two batches of a source', async () => {
    await usingSealed(async (pair) => {
      const other = 'NIFTY-2025-01-01-0-c'
      tamper(
        pair,
        `UPDATE trade_logs SET batch_id = CASE id WHEN '${id}' THEN '${batchId(pair, 1)}' ELSE '${batchId(pair, 2)}' END WHERE id IN ('${id}', '${other}')`,
      )
      expect((await verify(pair)).counts).toEqual({'rows-exchanged': 2})
    })
  })

  test('a row that was moved to the batch of another source', async () => {
    await usingSealed(async (pair) => {
      tamper(pair, `UPDATE trade_logs SET batch_id = '${batchId(pair, 3)}' WHERE id = '${id}'`)
      expect((await verify(pair)).problems).toMatchObject([
        {kind: 'row-misplaced', id},
        {kind: 'rows-missing', batch: batchId(pair, 2)},
      ])
    })
  })

  test('two batches that changed their places', async () => {
    await usingSealed(async (pair) => {
      tamper(pair, 'UPDATE archive_batches SET sequence = -sequence WHERE sequence < 3')
      tamper(pair, 'UPDATE archive_batches SET sequence = 3 + sequence WHERE sequence < 0')
      expect((await verify(pair)).counts).toEqual({'manifest-altered': 2, 'chain-broken': 3})
    })
  })

  test('two batches in one place', async () => {
    await usingSealed(async (pair) => {
      expect(write(pair.archive, 'DROP INDEX archive_batches_sequence')).toBe(0)
      tamper(pair, 'UPDATE archive_batches SET sequence = 2 WHERE sequence = 3')
      expect((await verify(pair)).counts).toEqual({'manifest-altered': 1, 'chain-forked': 1})
    })
  })

  test('a batch that is gone from the beginning or the middle, with its rows or without', async () => {
    for (const sequence of [1, 2]) {
      await usingSealed(async (pair) => {
        const batch = batchId(pair, sequence)
        tamper(pair, `DELETE FROM archive_batches WHERE batch_id = '${batch}'`)
        expect((await verify(pair)).counts).toEqual({'chain-gap': 1, 'row-unbatched': 4})
        tamper(pair, `DELETE FROM trade_logs WHERE batch_id = '${batch}'`)
        expect((await verify(pair)).problems).toMatchObject([{kind: 'chain-gap', batch: batchId(pair, sequence + 1)}])
      })
    }
  })

  test('that the last batches are gone with their rows, by a head that was kept elsewhere, and only so', async () => {
    await usingSealed(async (pair) => {
      const [, second, third] = heads(pair)
      tamper(pair, `DELETE FROM trade_logs WHERE batch_id = '${batchId(pair, 3)}'`)
      tamper(pair, 'DELETE FROM archive_batches WHERE sequence = 3')
      expect(await verify(pair)).toMatchObject({head: second, problems: []})
      expect(await verify(pair, second)).toMatchObject({anchor: 'head', problems: []})
      expect(await verify(pair, third)).toMatchObject({anchor: 'missing', problems: [{kind: 'head-missing', detail: expect.stringContaining(`${third}`)}]})
    })
  })

  test('that the last batch was made to look as if it had not been sealed, by that head', async () => {
    await usingSealed(async (pair) => {
      const [, , third] = heads(pair)
      tamper(pair, 'UPDATE archive_batches SET sequence = NULL, prev_sha256 = NULL, head_sha256 = NULL, deleted_at = NULL, sealed_at = NULL WHERE sequence = 3')
      expect(await verify(pair)).toMatchObject({batches: 2, problems: [], unsealed: [{source: 'id-of-fly'}]})
      expect((await verify(pair, third)).counts).toEqual({'head-missing': 1})
    })
  })

  test('hundreds of problems: lists the first, counts all', async () => {
    await usingPair(async (pair) => {
      const one = "'id', value, 's', NULL, 'NIFTY', 'BUY', 1, 1, 'ENTRY', NULL, 'x', 'none'"
      write(pair.archive, `WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 500) INSERT INTO trade_logs SELECT ${one} FROM n`)
      const {problems, counts} = await verify(pair)
      expect([problems.length, counts]).toEqual([300, {'row-altered': 500, 'row-unbatched': 500}])
    })
  })
})

describe('the triggers of the archive', () => {
  test.for([
    "UPDATE trade_logs SET pnl = 0 WHERE id = 'NIFTY-2025-01-01-0-a'",
    "DELETE FROM trade_logs WHERE id = 'NIFTY-2025-01-01-0-a'",
    'INSERT OR REPLACE INTO trade_logs SELECT * FROM trade_logs',
    'INSERT INTO trade_logs SELECT * FROM trade_logs WHERE true ON CONFLICT (source_database_id, id) DO UPDATE SET pnl = 0',
    'UPDATE archive_batches SET row_count = 0',
    'DELETE FROM archive_batches',
    'INSERT OR REPLACE INTO archive_batches SELECT * FROM archive_batches',
    'INSERT INTO archive_batches SELECT * FROM archive_batches WHERE true ON CONFLICT (batch_id) DO UPDATE SET row_count = 0',
  ])('refuse %s on what is sealed', async (sql) => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, roundTrip('NIFTY', '2025-01-01'))
      await move(pair)
      expect(() => write(pair.archive, sql)).toThrow(/a sealed (trade|batch) cannot be (changed|deleted|replaced)/)
      expect((await verify(pair)).problems).toEqual([])
    })
  })
})
