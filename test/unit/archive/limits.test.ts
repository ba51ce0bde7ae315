import {pathToFileURL} from 'node:url'
import {expect, test} from 'vitest'
import {type MoveDependencies, type MoveInput, moveClosedTrades} from '../../../src/archive/move.ts'
import {usingDatabase} from '../../../src/database/connect.ts'
import {closedBefore, insertTrades, opening, type Pair, roundTrip, rowsIn, type Trade, usingPair} from '../../helpers/archive-pair.ts'

const move = (pair: Pair, {dependencies, ...input}: Partial<MoveInput> & {dependencies?: Partial<MoveDependencies>} = {}) =>
  opening(pair, (source, archive) =>
    moveClosedTrades(
      {source, archive, toolVersion: '0.0.0', onProgress: () => undefined, ...dependencies},
      {databaseId: 'id-of-condor', strategy: 'stage-condor', selection: closedBefore('2026-06-01'), ...input},
    ),
  )

const countIn = (pair: Pair) => rowsIn(pair, pair.source, 'SELECT count(*) AS rows FROM trade_logs')[0]?.['rows']

/** Trades that close only together: as many entries, then as many exits. */
const block = (symbol: string, count: number): Trade[] =>
  Array.from({length: 2 * count}, (_, index) => [
    `${symbol}-${index}`,
    `2025-01-01 09:${String(index).padStart(2, '0')}:00`,
    symbol,
    index < count ? 'BUY' : 'SELL',
    1,
    100,
    index < count ? 'ENTRY' : 'EXPIRY',
    index < count ? null : 1,
  ])

/** Aborts before the n-th request whose body has a text. */
function abortingAt(pair: Pair, text: string, at: number): AbortSignal {
  const controller = new AbortController()
  let left = at
  pair.server.watch = (_, body) => {
    if (!body.includes(text)) return
    left -= 1
    if (left === 0) controller.abort()
  }
  return controller.signal
}

test('what has no room under --max-rows stays, with all of its symbol, and what has room goes', async () => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, [
      ...block('A', 5),
      ...roundTrip('A', '2025-01-02'),
      ...roundTrip('B', '2025-01-01'),
      ...block('C', 4),
      ...roundTrip('D', '2025-01-01'),
    ])
    expect(await move(pair, {maxRows: 7})).toMatchObject({rows: 4, stopped: 'max-rows', tooMany: 4})
    expect(await move(pair, {maxRows: 7})).toMatchObject({rows: 4, stopped: 'max-rows', tooMany: 8})
    expect(await move(pair, {maxRows: 7})).toMatchObject({rows: 0, stopped: 'max-rows', tooMany: 8})
    expect(rowsIn(pair, pair.source, 'SELECT symbol, count(*) AS rows FROM trade_logs GROUP BY symbol').map(Object.values)).toEqual([
      ['A', 14],
      ['C', 8],
    ])
  })
})

test('what an earlier run has copied counts as moved when it is finished, and stays if it is too much', async () => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, block('A', 5))
    await move(pair, {noDelete: true})
    insertTrades(pair.source, [...roundTrip('B', '2025-01-01'), ...roundTrip('C', '2025-01-01')])
    expect(await move(pair, {maxRows: 9})).toMatchObject({rows: 0, recovered: [], stopped: 'max-rows', tooMany: 10})
    expect(countIn(pair)).toBe(18)
    expect(await move(pair, {maxRows: 15})).toMatchObject({rows: 4, recovered: [{outcome: 'sealed', rows: 10}], stopped: 'max-rows'})
    expect(countIn(pair)).toBe(4)
  })
})

test('a run that is interrupted while it reads stops at the next page, and has changed nothing', async () => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, Array.from({length: 1000}, (_, index) => roundTrip('A', '2025-01-01', index)).flat())
    const signal = abortingAt(pair, 'ORDER BY rowid LIMIT', 2)
    await expect(move(pair, {dependencies: {signal}})).rejects.toMatchObject({code: 'INTERRUPTED'})
    await expect(move(pair, {maxSeconds: 0})).rejects.toMatchObject({code: 'ARCHIVE_LIMIT'})
    expect(countIn(pair)).toBe(4000)
    expect(pair.archive.written).toBe(0)
  })
})

test('a run that is interrupted while it finishes what an earlier one left stops at the next batch', async () => {
  await usingPair(async (pair) => {
    const days = Array.from({length: 500}, (_, index) => new Date(Date.UTC(2024, 0, 1 + index)).toISOString().slice(0, 10))
    insertTrades(
      pair.source,
      days.flatMap((day) => roundTrip('A', day)),
    )
    await move(pair, {noDelete: true})
    const signal = abortingAt(pair, 'DELETE FROM trade_logs', 1)
    expect(await move(pair, {dependencies: {signal}})).toMatchObject({recovered: [{outcome: 'sealed', rows: 1000}], rows: 0, stopped: 'interrupted'})
    expect(countIn(pair)).toBe(1000)
    expect(await move(pair)).toMatchObject({recovered: [{outcome: 'sealed', rows: 1000}], stopped: 'done'})
  })
})

test('a run on files, which are read and written within one turn of the event loop, hears of a signal all the same', async () => {
  await usingPair(async (pair) => {
    const days = Array.from({length: 1000}, (_, index) => new Date(Date.UTC(2023, 0, 1 + index)).toISOString().slice(0, 10))
    insertTrades(
      pair.source,
      days.flatMap((day) => roundTrip('A', day)),
    )
    const [sourceFile, archiveFile] = [pair.source, pair.archive].map(({name, file}) => ({name, url: pathToFileURL(file).href}))
    if (!sourceFile || !archiveFile) throw new TypeError('no files')
    const run = (dependencies: Partial<MoveDependencies>) =>
      usingDatabase(sourceFile, (source) =>
        usingDatabase(archiveFile, (archive) =>
          moveClosedTrades(
            {source, archive, toolVersion: '0.0.0', onProgress: () => undefined, ...dependencies},
            {databaseId: 'id-of-condor', strategy: 'stage-condor', selection: closedBefore('2026-06-01')},
          ),
        ),
      )
    const abortingAfter = (word: string) => {
      const controller = new AbortController()
      const onProgress: MoveDependencies['onProgress'] = (progress) => {
        if ('message' in progress && progress.message?.startsWith(word)) setImmediate(() => controller.abort())
      }
      return {signal: controller.signal, onProgress}
    }
    await expect(run(abortingAfter('Reading'))).rejects.toMatchObject({code: 'INTERRUPTED'})
    expect(await run(abortingAfter('Archiving'))).toMatchObject({rows: 1000, stopped: 'interrupted'})
  })
})

test('a run that is interrupted while it plans moves nothing', async () => {
  await usingPair(async (pair) => {
    insertTrades(pair.source, [...roundTrip('A', '2025-01-01'), ...roundTrip('B', '2025-01-01')])
    const controller = new AbortController()
    const selection = closedBefore('2026-06-01')
    const planning: MoveInput['selection'] = {
      ...selection,
      *select(rows, scan) {
        for (const run of selection.select(rows, scan)) {
          setImmediate(() => controller.abort())
          yield run
        }
      },
    }
    expect(await move(pair, {selection: planning, dependencies: {signal: controller.signal}})).toMatchObject({
      selected: 0,
      rows: 0,
      stopped: 'interrupted',
      kept: 8,
    })
  })
})
