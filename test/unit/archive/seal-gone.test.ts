import {expect, test} from 'vitest'
import {archiveFleet} from '../../../src/archive/archive-fleet.ts'
import {sealGone} from '../../../src/archive/seal-gone.ts'
import {chainFaults, idsIn, killed, move} from '../../helpers/archive-move.ts'
import {insertTrades, opening, type Pair, roundTrip, rowsIn, usingPair, write} from '../../helpers/archive-pair.ts'

const closed = roundTrip('NIFTY', '2025-01-01')
const condor = {name: 'stage-condor', id: 'id-of-condor'}

const seal = (pair: Pair, {leaseMs = 0, databases = [] as {id: string}[]} = {}) =>
  opening(pair, (_, archive) => sealGone({archive, toolVersion: '0.0.0', leaseMs, listDatabases: async () => databases}))

const batches = (pair: Pair) => rowsIn(pair, pair.archive, 'SELECT row_count, sequence FROM archive_batches ORDER BY rowid')

test('seals what is left of databases that are gone, and removes what is empty; other batches it leaves to their runs', async () => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, closed)
    await expect(move(pair, {atDeletion: killed})).rejects.toThrow('killed')
    const empty = (source: string) => `INSERT INTO archive_batches (batch_id, source_database_id, row_count, rows_sha256, copied_at, tool_version)
      VALUES ('of ${source}', '${source}', 0, '', '2025-01-01T00:00:00.000000000Z', '0.0.0')`
    for (const source of ['gone', 'here']) write(pair.archive, empty(source))
    expect(await seal(pair, {databases: [condor, {id: 'gone'}, {id: 'here'}]})).toEqual([])
    // Its run may still be at it.
    expect(await seal(pair, {leaseMs: 60_000, databases: [{id: 'gone'}, {id: 'here'}]})).toEqual([])
    expect(batches(pair)).toHaveLength(3)
    expect(await seal(pair, {databases: [{id: 'here'}]})).toMatchObject([{rows: 4}])
    expect(batches(pair)).toEqual([
      {row_count: 4, sequence: 1},
      {row_count: 0, sequence: null},
    ])
    expect([idsIn(pair, 'archive'), chainFaults(pair)]).toEqual([closed.map(([id]) => id), []])
    expect(await seal(pair, {databases: [{id: 'here'}]})).toEqual([])
  })
})

test('strat archive does so with the archive that it works with, but not where it only looks or copies', async () => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, closed)
    await expect(move(pair, {atDeletion: killed})).rejects.toThrow('killed')
    write(pair.archive, "UPDATE archive_batches SET copied_at = '2025-01-01T00:00:00.000000000Z'")
    write(pair.archive, "INSERT OR REPLACE INTO strat_meta VALUES (1, 'archive', 'archive', 'archive', '2025-01-01T00:00:00.000Z')")
    const archive = {name: 'archive', id: 'id-of-archive', group: '', url: pair.archive.url}
    const dependencies = {
      platform: {listDatabases: async () => [archive], getDatabase: async () => archive},
      access: async () => ({name: 'archive', url: pair.archive.url}),
      isArchiveName: (name: string) => name === 'archive',
      checkName: () => undefined,
      pendingOf: async () => [],
      createArchive: () => Promise.reject(new Error('there is one')),
      market: {timeZone: 'Asia/Kolkata', days: ['monday'], open: '09:15', close: '15:30', holidays: []},
      toolVersion: '0.0.0',
      run: 'test',
      onProgress: () => undefined,
    }
    const all = {names: [], all: true, lenient: false}
    for (const options of [{dryRun: true}, {noDelete: true}]) expect(await archiveFleet(dependencies, {...all, ...options})).not.toHaveProperty('gone')
    const result = await archiveFleet(dependencies, all)
    expect(result).toMatchObject({gone: [{rows: 4, head: result.head}], strategies: []})
  })
})
