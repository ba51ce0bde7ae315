import {describe, expect, test} from 'vitest'
import {archiveStrategy} from '../../../src/archive/archive-strategy.ts'
import {moveClosedTrades} from '../../../src/archive/move.ts'
import {closedBefore, insertTrades, opening, type Pair, roundTrip, rowsIn, type Trade, usingPair, write} from '../../helpers/archive-pair.ts'

const market = {timeZone: 'Asia/Kolkata', days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'], open: '09:15', close: '15:30', holidays: []}

/** What `strat archive` finds out about a strategy, by the closed rule. */
const archive = ({source, archive: target}: Pair, input: {everything?: boolean; dryRun?: boolean} = {}, id = 'id-of-condor') =>
  archiveStrategy(
    {
      access: async ({name, url}) => ({name, url}),
      openArchive: async () => ({...target, id: 'id-of-archive', group: 'default'}),
      market,
      toolVersion: '0.0.0',
      onProgress: () => undefined,
    },
    {...source, id, group: 'default'},
    {lenient: false, ...input},
  )

const mark = ({source}: Pair) => write(source, "INSERT INTO strat_meta VALUES (1, 'stage-condor', 'strategy', 'condor', '2025-01-01')")

const cuts = (pair: Pair) => rowsIn(pair, pair.archive, 'SELECT source_database_id, symbol, archived_until FROM archive_cuts ORDER BY 1, 2')
const micros = (text: string) => Date.parse(text) * 1000

const first = roundTrip('NIFTY', '2025-02-01')
const before = roundTrip('NIFTY', '2025-01-31')
const ids = (trades: Trade[]) => trades.map(([id]) => id)

describe('trades that come late', () => {
  test('stamped before what is archived, are told of, and archived all the same; what comes after it is not late', async () => {
    await usingPair(async (pair) => {
      mark(pair)
      insertTrades(pair.source, first)
      expect(await archive(pair)).toMatchObject({moved: 4, late: []})
      insertTrades(pair.source, [...before, ...roundTrip('BANKNIFTY', '2025-01-31')])
      const late = [{symbol: 'NIFTY', rows: 4, ids: ids(before)}]
      expect(await archive(pair, {dryRun: true})).toMatchObject({ready: 8, late})
      expect(await archive(pair)).toMatchObject({moved: 8, late})
      expect(await archive(pair)).toMatchObject({moved: 0, late: []})
      expect(cuts(pair)).toEqual([
        {source_database_id: 'id-of-condor', symbol: 'BANKNIFTY', archived_until: micros('2025-01-31T10:15:00Z')},
        {source_database_id: 'id-of-condor', symbol: 'NIFTY', archived_until: micros('2025-02-01T10:15:00Z')},
      ])
      insertTrades(pair.source, roundTrip('NIFTY', '2025-02-02'))
      expect(await archive(pair)).toMatchObject({moved: 4, late: []})
    })
  })

  test('are told of as long as they are not closed, whatever format they are in, and only of their own database', async () => {
    await usingPair(async (pair) => {
      mark(pair)
      insertTrades(pair.source, first)
      await archive(pair)
      const entry = (id: string, timestamp: string): Trade => [id, timestamp, 'NIFTY', 'BUY', 50, 1, 'ENTRY', null]
      insertTrades(pair.source, [entry('same instant', '2025-02-01T15:45:00+05:30'), entry('later', '2025-02-01T15:45:00.001+05:30')])
      for (const _ of [1, 2]) expect(await archive(pair)).toMatchObject({moved: 0, kept: 2, late: [{symbol: 'NIFTY', rows: 1, ids: ['same instant']}]})
      expect(await archive(pair, {}, 'id-of-another')).toMatchObject({kept: 2, late: []})
    })
  })

  test('are known also by rows of a destroyed strategy, of which those count that have a time', async () => {
    await usingPair(async (pair) => {
      mark(pair)
      insertTrades(pair.source, [
        ['open', '2025-02-03 10:00:00', 'NIFTY', 'BUY', 50, 1, 'ENTRY', null],
        ['timeless', null, 'OTHER', 'BUY', 50, 1, 'ENTRY', null],
      ])
      await archive(pair, {everything: true})
      expect(cuts(pair)).toEqual([{source_database_id: 'id-of-condor', symbol: 'NIFTY', archived_until: micros('2025-02-03T10:00:00Z')}])
    })
  })

  test('are not told of for a batch that is not sealed', async () => {
    await usingPair(async (pair) => {
      insertTrades(pair.source, first)
      const run = (noDelete: boolean) =>
        opening(pair, (source, target) =>
          moveClosedTrades(
            {source, archive: target, toolVersion: '0.0.0', onProgress: () => undefined},
            {databaseId: 'id-of-condor', strategy: 'stage-condor', selection: closedBefore('2026-06-01'), noDelete},
          ),
        )
      await run(true)
      expect(cuts(pair)).toEqual([])
      await run(false)
      expect(cuts(pair)).toMatchObject([{symbol: 'NIFTY'}])
    })
  })
})
