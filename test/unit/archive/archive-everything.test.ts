import {expect, test} from 'vitest'
import {prepareEverything} from '../../../src/archive/archive-everything.ts'
import {fleetDependencies, idsIn, killed, move} from '../../helpers/archive-move.ts'
import {insertTrades, type Pair, roundTrip, usingPair, write} from '../../helpers/archive-pair.ts'

/** What `strat destroy` has of archiving. */
function prepare(pair: Pair) {
  for (const [served, kind] of [[pair.source, 'strategy'] as const, [pair.archive, 'archive'] as const])
    write(served, 'INSERT OR REPLACE INTO strat_meta VALUES (1, ?, ?, ?, ?)', [served.name, kind, 'condor', '2025-01-01T00:00:00.000Z'])
  const database = {name: 'stage-condor', id: 'id-of-condor', group: '', url: pair.source.url}
  const list = [database, {name: 'archive', id: 'id-of-archive', group: '', url: pair.archive.url}]
  const dependencies = {
    platform: {listDatabases: async () => list, getDatabase: async () => database},
    access: async ({name, url}: {name: string; url: string}) => ({name, url}),
    ...fleetDependencies,
  }
  return prepareEverything(dependencies, {database})
}

test('a strategy that is destroyed while a run may still be at it is told to wait, not to lose its trades', async () => {
  await usingPair(async (pair) => {
    const closed = roundTrip('NIFTY', '2025-01-01')
    insertTrades(pair.source, closed)
    await expect(move(pair, {atDeletion: killed})).rejects.toThrow('killed')
    // So its copies have to be taken back, when it can delete nothing any more.
    write(pair.source, 'UPDATE trade_logs SET price = price + 1')
    const {everything} = await prepare(pair)
    await expect(everything(4)).rejects.toMatchObject({code: 'ARCHIVE_RACE', suggestions: [expect.stringContaining('six minutes')]})
    expect(idsIn(pair, 'source')).toHaveLength(4)
    write(pair.archive, "UPDATE archive_batches SET copied_at = '2025-01-01T00:00:00.000000000Z'")
    expect(await everything(4)).toBe(4)
    expect(idsIn(pair, 'source')).toEqual([])
  })
})
