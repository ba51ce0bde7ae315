import {describe, expect, test} from 'vitest'
import {type MoveDependencies, type MoveInput, moveClosedTrades} from '../../../src/archive/move.ts'
import type {Database} from '../../../src/database/database.ts'
import {faultsOfChain} from '../../helpers/archive-chain.ts'
import {closedBefore, insertTrades, opening, type Pair, roundTrip, rowsIn, serveDatabase, type Trade, usingPair, write} from '../../helpers/archive-pair.ts'

type Options = Partial<MoveInput> & {dependencies?: Partial<MoveDependencies>; through?: (database: Database) => Database}

const move = (pair: Pair, {dependencies, through = (database) => database, ...input}: Options = {}) =>
  opening(pair, (source, archive) =>
    moveClosedTrades(
      {source: through(source), archive: through(archive), toolVersion: '0.0.0', onProgress: () => undefined, ...dependencies},
      {databaseId: 'id-of-condor', strategy: 'stage-condor', selection: closedBefore('2026-06-01'), ...input},
    ),
  )

const trades = (pair: Pair, at: 'source' | 'archive') =>
  rowsIn(pair, pair[at], 'SELECT id, timestamp, symbol, action, quantity, price, execution_reason, pnl FROM trade_logs ORDER BY id').map(Object.values)

const idsIn = (pair: Pair, at: 'source' | 'archive') => trades(pair, at).map(([id]) => id)

const batches = (pair: Pair) => rowsIn(pair, pair.archive, 'SELECT * FROM archive_batches ORDER BY sequence')

const chainFaults = (pair: Pair) => faultsOfChain(batches(pair), rowsIn(pair, pair.archive, 'SELECT * FROM trade_logs'))

const days = (count: number) => Array.from({length: count}, (_, index) => new Date(Date.UTC(2025, 0, 1 + index)).toISOString().slice(0, 10))

const byId = (list: Trade[]) => list.toSorted(([a], [b]) => (a < b ? -1 : 1))

/** Does something before the n-th request of those whose body has a text. */
function justBefore(pair: Pair, text: string, act: () => unknown): void {
  let isDone = false
  pair.server.watch = (_, body) => {
    if (isDone || !body.includes(text)) return
    isDone = true
    act()
  }
}

const closed = roundTrip('NIFTY', '2025-01-01')
const openLeg: Trade = ['open', '2025-01-02 09:15:00', 'BANKNIFTY', 'BUY', 25, 44.05, 'ENTRY', null]

describe('moving closed trades', () => {
  test("writes two rows and reads no more than four for each that it moves, by the server's own count", async () => {
    await usingPair(async (pair) => {
      const list = days(500).flatMap((day, index) => roundTrip('NIFTY', day, index))
      insertTrades(pair.source, list)
      expect(await move(pair)).toMatchObject({scanned: 2000, rows: 2000, batches: 2, stopped: 'done', left: []})
      expect(idsIn(pair, 'source')).toEqual([])
      expect(trades(pair, 'archive')).toEqual(byId(list))
      expect(chainFaults(pair)).toEqual([])
      const {source, archive} = pair
      expect(source.written + archive.written).toBeLessThan(2 * 2000 + 30)
      expect(source.read + archive.read).toBeLessThan(4 * 2000 + 50)
    })
  })

  test('moves what is closed, value for value, leaves what is not, and the next run finds nothing to do', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, [...closed, openLeg])
      const first = await move(pair)
      expect(first).toMatchObject({scanned: 5, selected: 4, rows: 4, head: batches(pair)[0]?.['head_sha256']})
      expect([trades(pair, 'source'), trades(pair, 'archive')]).toEqual([[openLeg], byId(closed)])
      expect(await move(pair)).toMatchObject({scanned: 1, selected: 0, rows: 0, head: null})
      expect(batches(pair)).toMatchObject([{sequence: 1, prev_sha256: null, row_count: 4, is_open: 0, source_database_id: 'id-of-condor'}])
    })
  })

  test('links each batch to the one before, in the order in which they are sealed', async () => {
    await usingPair(async (pair) => {
      for (const day of days(3)) {
        insertTrades(pair.source, roundTrip('NIFTY', day))
        await move(pair)
      }
      const [first, second, third] = batches(pair)
      expect([first?.['prev_sha256'], second?.['prev_sha256'], third?.['prev_sha256']]).toEqual([null, first?.['head_sha256'], second?.['head_sha256']])
      expect(chainFaults(pair)).toEqual([])
    })
  })

  test('finishes what a run has left that was killed before or after any of its requests', async () => {
    for (const isAfter of [false, true]) {
      for (let at = 1, wasKilled = true; wasKilled; at++) {
        await usingPair(async (pair) => {
          insertTrades(pair.source, [...closed, openLeg])
          let left = at
          const killed = <T>(send: () => Promise<T>) => {
            left -= 1
            if (left > 0) return send()
            return (isAfter ? send().catch(() => undefined) : Promise.resolve()).then(() => Promise.reject(new Error('killed')))
          }
          const through = (database: Database): Database => ({
            ...database,
            requests: 0,
            read: (statements) => killed(() => database.read(statements)),
            write: (statements) => killed(() => database.write(statements)),
          })
          wasKilled = await move(pair, {through}).then(
            () => false,
            () => true,
          )
          await move(pair)
          expect([trades(pair, 'source'), trades(pair, 'archive')]).toEqual([[openLeg], byId(closed)])
          expect(batches(pair)).toMatchObject([{sequence: 1, row_count: 4}])
          expect(chainFaults(pair)).toEqual([])
        })
      }
    }
  })

  test('is done once where any of its replies is lost, or a request comes late', async () => {
    for (const fail of ['lose', 'late', 'reset'] as const) {
      for (let at = 1; at <= 8; at++) {
        await usingPair(async (pair) => {
          insertTrades(pair.source, [...closed, openLeg])
          let left = at
          pair.server.watch = (line) => {
            left -= 1
            if (left === 0) pair.server.faults.push({match: new RegExp(line.replace(/.* /, '')), fail})
          }
          await move(pair)
          expect([trades(pair, 'source'), trades(pair, 'archive')], `${fail} ${at}`).toEqual([[openLeg], byId(closed)])
          expect(chainFaults(pair)).toEqual([])
        })
      }
    }
  })

  test('deletes nothing of a batch of which the bot corrects a row in the last moment, and takes the copy back', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, [...closed, ...roundTrip('FINNIFTY', '2025-01-01')])
      justBefore(pair, 'DELETE FROM trade_logs', () => write(pair.source, "UPDATE trade_logs SET price = 1.05 WHERE id = 'NIFTY-2025-01-01-0-a'"))
      expect(await move(pair)).toMatchObject({rows: 4, left: [{symbol: 'NIFTY', reason: 'changed'}]})
      expect(idsIn(pair, 'source')).toEqual(closed.map(([id]) => id))
      expect(idsIn(pair, 'archive')).toEqual(roundTrip('FINNIFTY', '2025-01-01').map(([id]) => id))
      expect(await move(pair)).toMatchObject({rows: 4, left: []})
      expect(rowsIn(pair, pair.archive, "SELECT price FROM trade_logs WHERE id = 'NIFTY-2025-01-01-0-a'")).toEqual([{price: 1.05}])
    })
  })

  test('leaves a symbol alone of which a row comes in the last moment that is stamped before the cut; later ones do no harm', async () => {
    await usingPair(async (pair) => {
      const late: Trade = ['late', '2025-01-01 10:15:00', 'NIFTY', 'BUY', 50, 1, 'ENTRY', null]
      const later: Trade = ['later', '2025-01-01 10:15:01', 'FINNIFTY', 'BUY', 50, 1, 'ENTRY', null]
      insertTrades(pair.source, [...closed, ...roundTrip('FINNIFTY', '2025-01-01')])
      justBefore(pair, 'DELETE FROM trade_logs', () => insertTrades(pair.source, [late, later]))
      expect(await move(pair)).toMatchObject({rows: 4, left: [{symbol: 'NIFTY', reason: 'late'}]})
      expect(idsIn(pair, 'source')).toEqual([...closed.map(([id]) => id), 'late', 'later'].sort())
      expect(batches(pair)).toHaveLength(1)
    })
  })

  test('stops where the newest row is deleted meanwhile: numbers of new rows say nothing then', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, [...closed, openLeg])
      const late: Trade = ['late', '2025-01-01 10:15:00', 'NIFTY', 'BUY', 50, 1, 'ENTRY', null]
      justBefore(pair, 'DELETE FROM trade_logs', () => {
        write(pair.source, "DELETE FROM trade_logs WHERE id = 'open'")
        insertTrades(pair.source, [late])
      })
      expect(await move(pair)).toMatchObject({rows: 0, stopped: 'changed'})
      expect(idsIn(pair, 'archive')).toEqual([])
    })
  })

  test('stops where the archive has other content under the same key, names it, and deletes nothing', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, closed)
      await move(pair)
      const [id, timestamp, ...rest] = closed[0] as Trade
      insertTrades(pair.source, [...closed.slice(1), [id, '2025-01-01 09:15:00.5', ...rest] as Trade])
      await expect(move(pair)).rejects.toMatchObject({code: 'ARCHIVE_CONFLICT', message: expect.stringContaining(id)})
      expect(timestamp).toBe('2025-01-01 09:15:00')
      expect(idsIn(pair, 'source')).toHaveLength(4)
      expect(batches(pair)).toHaveLength(1)
    })
  })

  test('deletes a trade that the bot inserts again when the archive has it already', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, closed)
      await move(pair)
      insertTrades(pair.source, [...closed, openLeg])
      expect(await move(pair)).toMatchObject({rows: 4})
      expect([trades(pair, 'source'), trades(pair, 'archive')]).toEqual([[openLeg], byId(closed)])
      expect(batches(pair)).toHaveLength(1)
    })
  })

  test('keeps a strategy that was destroyed and made again apart, also where ids are the same', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, closed)
      await move(pair)
      insertTrades(pair.source, closed)
      expect(await move(pair, {databaseId: 'another-id'})).toMatchObject({rows: 4})
      expect(rowsIn(pair, pair.archive, 'SELECT DISTINCT source_database_id AS id FROM trade_logs')).toEqual([{id: 'another-id'}, {id: 'id-of-condor'}])
    })
  })

  test.for([
    ['SQLITE_FULL', 'STORAGE_FULL'],
    ['BLOCKED', 'DATABASE_BLOCKED'],
  ] as const)('says so, and deletes nothing, where the archive answers %s', async ([code, ours]) => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, closed)
      const sql = pair.server.databases.get('archive')?.sql
      if (sql) sql.blocked = {code, message: 'no more'}
      await expect(move(pair)).rejects.toMatchObject({code: ours, message: expect.stringContaining('archive')})
      expect(idsIn(pair, 'source')).toHaveLength(4)
    })
  })

  test('seals what is deleted already where the next batch is refused', async () => {
    await usingPair(async (pair) => {
      insertTrades(
        pair.source,
        days(500).flatMap((day, index) => roundTrip('NIFTY', day, index)),
      )
      const sql = pair.server.databases.get('stage-condor')?.sql
      let deletions = 0
      pair.server.watch = (_, body) => {
        if (!body.includes('DELETE FROM trade_logs')) return
        deletions += 1
        if (deletions === 2 && sql) sql.blocked = {code: 'BLOCKED', message: 'no more'}
      }
      await expect(move(pair)).rejects.toMatchObject({code: 'DATABASE_BLOCKED'})
      expect(idsIn(pair, 'source')).toHaveLength(1000)
      pair.server.watch = () => undefined
      if (sql) sql.blocked = undefined
      expect(await move(pair)).toMatchObject({recovered: [{outcome: 'sealed', rows: 1000}], rows: 0})
      expect(idsIn(pair, 'source')).toEqual([])
      expect(chainFaults(pair)).toEqual([])
    })
  })

  test('lets two runs of one strategy go on at the same time, of which one may give way', async () => {
    await usingPair(async (pair) => {
      insertTrades(
        pair.source,
        days(50).flatMap((day, index) => roundTrip(`S${index % 5}`, day, index)),
      )
      const outcomes = await Promise.allSettled([move(pair), move(pair), move(pair)])
      for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({code: 'ARCHIVE_RACE'})
      await move(pair, {dependencies: {leaseMs: 0}})
      await move(pair)
      expect([idsIn(pair, 'source').length, idsIn(pair, 'archive').length]).toEqual([0, 200])
      expect(chainFaults(pair)).toEqual([])
    })
  })

  test('lets many strategies archive into one archive at the same time: one chain, without forks', async () => {
    await usingPair(async (pair) => {
      const names = Array.from({length: 8}, (_, index) => `stage-${index}`)
      const sources = await Promise.all(names.map((name) => serveDatabase(pair.server, name, 'strategy')))
      for (const source of sources) insertTrades(source, closed)
      await Promise.all(sources.map((source) => move({...pair, source}, {databaseId: `id-of-${source.name}`, strategy: source.name})))
      expect(batches(pair).map(({sequence}) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
      expect(chainFaults(pair)).toEqual([])
    })
  })
})

describe('limits of a run', () => {
  test('stops before the batch that would have more rows than it may move, at a place where nothing is half', async () => {
    await usingPair(async (pair) => {
      insertTrades(
        pair.source,
        days(10).flatMap((day, index) => roundTrip('NIFTY', day, index)),
      )
      expect(await move(pair, {maxRows: 10})).toMatchObject({rows: 8, stopped: 'max-rows'})
      expect(await move(pair, {maxRows: 3})).toMatchObject({rows: 0, stopped: 'max-rows'})
      expect(await move(pair)).toMatchObject({rows: 32, stopped: 'done'})
    })
  })

  test('begins no batch after its time, or when it is interrupted', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, closed)
      expect(await move(pair, {maxSeconds: 0})).toMatchObject({rows: 0, stopped: 'max-seconds'})
      const interrupt = new AbortController()
      justBefore(pair, 'DELETE FROM trade_logs', () => interrupt.abort())
      expect(await move(pair, {dependencies: {signal: interrupt.signal}})).toMatchObject({rows: 4, stopped: 'done'})
      insertTrades(pair.source, roundTrip('FINNIFTY', '2025-01-01'))
      expect(await move(pair, {dependencies: {signal: interrupt.signal}})).toMatchObject({rows: 0, stopped: 'interrupted'})
    })
  })

  test('without deleting only copies, once, and the next run deletes and seals', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, [...closed, openLeg])
      expect(await move(pair, {noDelete: true})).toMatchObject({copied: 4, rows: 0})
      expect(await move(pair, {noDelete: true})).toMatchObject({copied: 0, rows: 0})
      expect([idsIn(pair, 'source').length, idsIn(pair, 'archive').length, batches(pair).length]).toEqual([5, 4, 1])
      expect(await move(pair)).toMatchObject({recovered: [{outcome: 'sealed', rows: 4}], rows: 0})
      expect([idsIn(pair, 'source').length, chainFaults(pair)]).toEqual([1, []])
    })
  })

  test('a dry run counts, and writes nothing', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, [...closed, openLeg])
      expect(await move(pair, {dryRun: true})).toMatchObject({scanned: 5, selected: 4, copied: 0, rows: 0})
      expect([pair.source.written, pair.archive.written]).toEqual([0, 0])
    })
  })

  test('moves everything of a strategy that is destroyed, and marks what was not closed', async () => {
    await usingPair(async (pair) => {
      const strange: Trade = ['strange', 1_700_000_000, 'X', 'HOLD', 1.5, 2, 'WHIM', null]
      insertTrades(pair.source, [...closed, openLeg, strange])
      expect(await move(pair, {everything: true})).toMatchObject({selected: 6, rows: 6, stopped: 'done'})
      expect(idsIn(pair, 'source')).toEqual([])
      expect(batches(pair).map((batch) => [batch['row_count'], batch['is_open']])).toEqual([
        [4, 0],
        [2, 1],
      ])
      expect(trades(pair, 'archive')).toEqual(byId([...closed, openLeg, strange]))
      expect(chainFaults(pair)).toEqual([])
    })
  })

  test('leaves rows with values that an archive does not take, and names them; whole numbers of any size it takes', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, closed)
      const add = (values: string) => write(pair.source, `INSERT INTO trade_logs VALUES (${values})`)
      add("'infinite', '2025-01-01', 'A', 'BUY', 1, 9e999, 'ENTRY', NULL")
      add("'blob', '2025-01-01', x'00ff', 'BUY', 1, 1, 'ENTRY', NULL")
      add("NULL, '2025-01-01', 'C', 'BUY', 1, 1, 'ENTRY', NULL")
      add("'huge', '2025-01-01', 'D', 'BUY', 9223372036854775807, 1, 'ENTRY', NULL")
      expect(await move(pair, {everything: true})).toMatchObject({rows: 5, odd: {rows: 3, ids: ['infinite', 'blob', 'null']}, stopped: 'done'})
      expect(rowsIn(pair, pair.archive, "SELECT CAST(quantity AS TEXT) AS text, typeof(quantity) AS type FROM trade_logs WHERE id = 'huge'")).toEqual([
        {text: '9223372036854775807', type: 'integer'},
      ])
    })
  })
})
