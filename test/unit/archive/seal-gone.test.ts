import {expect, test} from 'vitest'
import {archiveFleet} from '../../../src/archive/archive-fleet.ts'
import {goneAfterMs, sealGone} from '../../../src/archive/seal-gone.ts'
import {archiveExitCode, archiveReport} from '../../../src/output/archive-report.ts'
import {chainFaults, fleetDependencies, idsIn, killed, move} from '../../helpers/archive-move.ts'
import {insertTrades, opening, type Pair, roundTrip, rowsIn, usingPair, write} from '../../helpers/archive-pair.ts'

const closed = roundTrip('NIFTY', '2025-01-01')
const condor = {name: 'stage-condor', id: 'id-of-condor'}
const archive = {name: 'archive', id: 'id-of-archive'}
const named = (id: string) => ({name: `stage-${id}`, id})
const nothing = {sealed: [], failed: []}

const seal = (pair: Pair, databases: {name: string; id: string}[], wait = 0) =>
  opening(pair, (_, opened) => sealGone({archive: opened, toolVersion: '0.0.0', goneAfterMs: wait, listDatabases: async () => databases}))

const batches = (pair: Pair) => rowsIn(pair, pair.archive, 'SELECT row_count, sequence FROM archive_batches ORDER BY rowid')

const empty = (source: string, copiedAt = '2025-01-01T00:00:00.000000000Z') =>
  `INSERT INTO archive_batches (batch_id, source_database_id, row_count, rows_sha256, copied_at, tool_version)
    VALUES ('of ${source}', '${source}', 0, '', '${copiedAt}', '0.0.0')`

const copiedAt = (instant: string) => `UPDATE archive_batches SET copied_at = ${instant}`

/** A run that was killed when all was copied. */
async function leave(pair: Pair): Promise<void> {
  insertTrades(pair.source, closed)
  await expect(move(pair, {atDeletion: killed})).rejects.toThrow('killed')
}

test('seals what is left of databases that are gone, and removes what is empty; other batches it leaves to their runs', async () => {
  await usingPair(async (pair) => {
    await leave(pair)
    for (const source of ['gone', 'here']) write(pair.archive, empty(source))
    expect(await seal(pair, [archive, condor, named('gone'), named('here')])).toEqual(nothing)
    expect(batches(pair)).toHaveLength(3)
    expect(await seal(pair, [archive, named('here')])).toMatchObject({sealed: [{rows: 4}], failed: []})
    expect(batches(pair)).toEqual([
      {row_count: 4, sequence: 1},
      {row_count: 0, sequence: null},
    ])
    expect([idsIn(pair, 'archive'), chainFaults(pair)]).toEqual([closed.map(([id]) => id), []])
    expect(await seal(pair, [archive, named('here')])).toEqual(nothing)
  })
})

test('asks a person about copies that no run was about to delete the originals of, and does as is said', async () => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, closed)
    await move(pair, {noDelete: true})
    expect(await seal(pair, [archive])).toMatchObject({sealed: [], failed: [{name: 'stage-condor', code: 'ARCHIVE_UNDECIDED'}]})
    expect(batches(pair)).toEqual([{row_count: 4, sequence: null}])
    write(pair.archive, 'UPDATE archive_batches SET deleted_at = copied_at')
    expect(await seal(pair, [archive])).toMatchObject({sealed: [{rows: 4}], failed: []})
    expect(chainFaults(pair)).toEqual([])
  })
})

test('waits a day, does nothing by a list that lacks the archive itself, and asks a person where another database has the name', async () => {
  await usingPair(async (pair) => {
    await leave(pair)
    write(pair.archive, copiedAt("strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-23 hours')"))
    expect(await seal(pair, [archive], goneAfterMs)).toEqual(nothing)
    write(pair.archive, copiedAt("strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-25 hours')"))
    expect(await seal(pair, [], goneAfterMs)).toEqual(nothing)
    expect(await seal(pair, [named('other')], goneAfterMs)).toEqual(nothing)
    const restored = {...condor, id: 'another id'}
    expect(await seal(pair, [archive, restored], goneAfterMs)).toMatchObject({sealed: [], failed: [{name: 'stage-condor', code: 'ARCHIVE_UNDECIDED'}]})
    expect(batches(pair)).toEqual([{row_count: 4, sequence: null}])
    // The person has decided: the new one has them.
    write(pair.archive, 'DELETE FROM trade_logs')
    expect(await seal(pair, [archive, restored], goneAfterMs)).toEqual(nothing)
    expect(batches(pair)).toEqual([])
  })
})

test('strat archive does so with the archive that it works with, but not where it only looks or copies; what fails is told beside the rest', async () => {
  await usingPair(async (pair) => {
    await leave(pair)
    write(pair.archive, copiedAt("'2025-01-01T00:00:00.000000000Z'"))
    write(pair.archive, "INSERT OR REPLACE INTO strat_meta VALUES (1, 'archive', 'archive', 'archive', '2025-01-01T00:00:00.000Z')")
    // Of the archive's own id: a database that is there.
    write(pair.archive, empty(archive.id, 'yesterday'))
    const list = [{...archive, group: '', url: pair.archive.url}]
    const dependencies = {
      platform: {listDatabases: async () => list, getDatabase: async () => list[0]},
      access: async () => ({name: 'archive', url: pair.archive.url}),
      ...fleetDependencies,
      run: 'test',
    }
    const all = {names: [], all: true, lenient: false}
    for (const options of [{dryRun: true}, {noDelete: true}]) expect(await archiveFleet(dependencies, {...all, ...options})).not.toHaveProperty('gone')
    write(pair.archive, empty('gone', 'yesterday'))
    const result = await archiveFleet(dependencies, all)
    expect(result).toMatchObject({gone: [{rows: 4, head: result.head}], strategies: [], goneFailed: [{name: 'gone', code: 'ARCHIVE_ALTERED'}]})
    expect(archiveExitCode(result)).toBe(3)
    expect(archiveReport(result).warnings).toMatchObject([
      {
        warning: expect.stringMatching(/^1 failure, as in gone: archive is not as strat left it/),
        hints: [expect.stringContaining('Try: Set it to the instant')],
      },
    ])
  })
})
