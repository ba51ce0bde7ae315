import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {chmod, mkdir, readdir, readFile, stat, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {type ExportInput, exportArchive} from '../../../src/archive/export-archive.ts'
import {moveClosedTrades} from '../../../src/archive/move.ts'
import {closedBefore, insertTrades, opening, type Pair, roundTrip, rowsIn, type Trade, usingPair, write} from '../../helpers/archive-pair.ts'
import {modeOf} from '../../helpers/files.ts'
import {readParquetFile} from '../../helpers/parquet.ts'
import {test} from '../../helpers/test.ts'

const year = {from: '2025-04-01', to: '2026-03-31'}

/** Seals trades in the archive, closed or not. */
const seal = (pair: Pair, trades: Trade[], databaseId = 'id-of-condor') => {
  insertTrades(pair.source, trades)
  return opening(pair, (source, archive) =>
    moveClosedTrades(
      {source, archive, toolVersion: '0.0.0', onProgress: () => undefined},
      {databaseId, strategy: 'stage-condor', selection: closedBefore('2027-01-01'), everything: true},
    ),
  )
}

type Options = Partial<ExportInput> & {out: string; spoolFolder?: string}

const exportTo = (pair: Pair, {spoolFolder, ...options}: Options) =>
  opening(pair, (_, archive) =>
    exportArchive(
      {archive, stratVersion: '1.2.3', onProgress: () => undefined, ...(spoolFolder === undefined ? {} : {folder: spoolFolder})},
      {range: year, timeZone: 'Asia/Kolkata', format: 'jsonl', ...options},
    ),
  )

const linesOf = async (path: string): Promise<Record<string, unknown>[]> =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

const trade = (
  id: string,
  timestamp: string | null,
  [action, reason, quantity]: [string, string, number],
  more: Partial<{price: number; pnl: number | null}> = {},
): Trade => [id, timestamp, 'NIFTY', action, quantity, more.price ?? 100, reason, more.pnl ?? null]

describe('an export', () => {
  test('has a row for each fill with all of its columns, in order of time, and a manifest that proves the file', async ({folder}) => {
    await usingPair(async (pair) => {
      await seal(pair, roundTrip('NIFTY', '2025-06-01'))
      const {head} = await seal(pair, roundTrip('NIFTY', '2025-05-01'), 'id-of-fly')
      const out = join(folder, 'new', 'fy')
      const manifest = await exportTo(pair, {out})
      expect((await readdir(out)).sort()).toEqual(['manifest.json', 'trades.jsonl'])
      expect(await readdir(join(folder, 'new'))).toEqual(['fy'])
      const bytes = await readFile(join(out, 'trades.jsonl'))
      const file = {name: 'trades.jsonl', rows: 8, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), formulaLikeCells: 0}
      const common = {archive: 'archive', head, unsealed: {batches: 0, trades: 0}, range: year, timeZone: 'Asia/Kolkata', stratVersion: '1.2.3'}
      // Two times 500 and -100/11 as JavaScript prints it, -9.090909090909092.
      const duplicates = {trades: 0, ids: []}
      expect(manifest).toEqual({format: 'strat archive export 1', ...common, files: [{...file, sumOfPnl: '981.818181818181816'}], duplicates})
      expect(JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'))).toEqual(manifest)
      expect([await modeOf(out), await modeOf(join(out, 'trades.jsonl')), await modeOf(join(out, 'manifest.json'))]).toEqual(['700', '600', '600'])
      const rows = await linesOf(join(out, 'trades.jsonl'))
      expect(rows.map(({source_database_id}) => source_database_id)).toEqual([...Array(4).fill('id-of-fly'), ...Array(4).fill('id-of-condor')])
      const archived = rowsIn(pair, pair.archive, "SELECT * FROM trade_logs WHERE id = 'NIFTY-2025-06-01-0-d'")[0]
      expect(rows.find(({id}) => id === archived?.['id'])).toEqual({...archived, local_date: '2025-06-01', exit_date: '2025-06-01'})
      expect(Object.keys(rows[0] ?? {})).toEqual(
        'strategy,source_database_id,id,timestamp,local_date,exit_date,symbol,action,quantity,price,execution_reason,pnl,batch_id,row_sha256'.split(','),
      )
    })
  })

  test('goes by the day in the time zone of the market, both ends included', async ({folder}) => {
    await usingPair(async (pair) => {
      const at = (id: string, timestamp: string) => [
        trade(`${id}1`, timestamp, ['BUY', 'ENTRY', 1]),
        trade(`${id}2`, timestamp, ['SELL', 'EXPIRY', 1], {pnl: 1}),
      ]
      // Midnight in India is 18:30 UTC.
      await seal(pair, [...at('before', '2025-03-31 18:29:59'), ...at('first', '2025-03-31 18:30:00')])
      await seal(pair, [...at('last', '2026-03-31 18:29:59'), ...at('after', '2026-03-31 18:30:00')])
      await exportTo(pair, {out: join(folder, 'out')})
      const rows = await linesOf(join(folder, 'out/trades.jsonl'))
      // An exit of the same second is after its entry.
      expect(rows.map(({id, local_date, exit_date}) => [id, local_date, exit_date])).toEqual([
        ['first1', '2025-04-01', '2025-04-01'],
        ['first2', '2025-04-01', '2025-04-01'],
        ['last1', '2026-03-31', '2026-03-31'],
        ['last2', '2026-03-31', '2026-03-31'],
      ])
    })
  })

  test('has an entry in the year of the exit that closed the last of it, each exit in its own, and every trade in one year', async ({folder}) => {
    await usingPair(async (pair) => {
      const trades = [
        trade('entry', '2025-03-28 04:00:00', ['SELL', 'ENTRY', 100]),
        trade('half', '2025-03-30 04:00:00', ['BUY', 'STOP_LOSS_LEG', 50], {pnl: 0.1}),
        trade('rest', '2025-04-02 04:00:00', ['BUY', 'EXPIRY', 50], {pnl: 0.2}),
        trade('open', '2025-04-03 04:00:00', ['BUY', 'ENTRY', 50]),
      ]
      await seal(pair, trades)
      const before = await exportTo(pair, {out: join(folder, 'before'), range: {from: '2024-04-01', to: '2025-03-31'}})
      const after = await exportTo(pair, {out: join(folder, 'after')})
      expect(await linesOf(join(folder, 'before/trades.jsonl'))).toMatchObject([{id: 'half', exit_date: '2025-03-30'}])
      expect(await linesOf(join(folder, 'after/trades.jsonl'))).toMatchObject([
        {id: 'entry', local_date: '2025-03-28', exit_date: '2025-04-02'},
        {id: 'rest', exit_date: '2025-04-02'},
        {id: 'open', local_date: '2025-04-03', exit_date: null},
      ])
      expect([before.files[0]?.sumOfPnl, after.files[0]?.sumOfPnl]).toEqual(['0.1', '0.2'])
    })
  })

  test('keeps trades whose timestamps are no instants in a file of their own, with any value', async ({folder}) => {
    await usingPair(async (pair) => {
      const odd: Trade[] = [trade('none', null, ['BUY', 'ENTRY', 1]), trade('naive', '2025-06-01T09:15:00', ['BUY', 'ENTRY', 1], {pnl: 5})]
      const number: Trade = ['number', 1750000000, 'NIFTY', 'BUY', 'many' as unknown as number, 1, 'ENTRY', null]
      await seal(pair, [...roundTrip('BANKNIFTY', '2025-06-01'), ...odd, number])
      const {files} = await exportTo(pair, {out: join(folder, 'out'), format: 'parquet'})
      expect(files).toMatchObject([
        {name: 'trades.parquet', rows: 4},
        {name: 'undated.jsonl', rows: 3, sumOfPnl: '5'},
      ])
      const rows = await linesOf(join(folder, 'out/undated.jsonl'))
      expect(new Map(rows.map(({id, timestamp, quantity}) => [id, [timestamp, quantity]]))).toEqual(
        new Map<unknown, unknown>([
          ['none', [null, 1]],
          ['naive', ['2025-06-01T09:15:00', 1]],
          ['number', [1750000000, 'many']],
        ]),
      )
    })
  })

  test('leaves out what is not sealed', async ({folder}) => {
    await usingPair(async (pair) => {
      await seal(pair, roundTrip('NIFTY', '2025-06-01'))
      insertTrades(pair.source, roundTrip('BANKNIFTY', '2025-06-01'))
      await opening(pair, (source, archive) =>
        moveClosedTrades(
          {source, archive, toolVersion: '0.0.0', onProgress: () => undefined},
          {databaseId: 'id-of-condor', strategy: 'stage-condor', selection: closedBefore('2027-01-01'), noDelete: true},
        ),
      )
      expect((await exportTo(pair, {out: join(folder, 'out')})).files).toMatchObject([{rows: 4}])
    })
  })

  test.for(['csv', 'jsonl', 'parquet'] as const)(
    'of days without trades is a %s file without rows, and the same for the same archive',
    async (format, {folder}) => {
      await usingPair(async (pair) => {
        await seal(pair, roundTrip('NIFTY', '2025-06-01'))
        const range = {from: '2025-01-01', to: '2025-01-31'}
        const [first, second] = [await exportTo(pair, {out: join(folder, 'a'), format, range}), await exportTo(pair, {out: join(folder, 'b'), format, range})]
        expect(first).toEqual(second)
        expect(first.files).toMatchObject([{rows: 0, sumOfPnl: '0'}])
        if (format === 'parquet') expect((await readParquetFile(join(folder, 'a/trades.parquet'))).rows).toEqual([])
      })
    },
  )
})

/** Values that are easily changed on the way. */
const sharp: Trade[] = [
  ['=1+1', '2025-06-01 04:00:00', 'A,"B"\r\nC', 'BUY', 50, 0.1 + 0.2, 'ENTRY', null],
  ['-é😀', '2025-06-01 04:00:00.123456', '', 'SELL', 9007199254740991, 1e-7, 'ENTRY', 1.7976931348623157e308],
  ['c', '2025-06-01 04:00:00', ' x ', 'BUY', -1, 100, 'EXPIRY', -5e-324],
]

describe('the format', () => {
  test('csv is read back by another implementation, value for value', async ({folder}) => {
    await usingPair(async (pair) => {
      await seal(pair, sharp)
      const {files} = await exportTo(pair, {out: join(folder, 'out'), format: 'csv'})
      expect(files).toMatchObject([{formulaLikeCells: 2}])
      const script = 'import csv,json,sys; print(json.dumps(list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")))))'
      const rows = JSON.parse(execFileSync('python3', ['-c', script, join(folder, 'out/trades.csv')]).toString())
      const plain = rows.map((row: Record<string, string>) => [
        row['id'],
        row['timestamp'],
        row['symbol'],
        row['action'],
        Number(row['quantity']),
        Number(row['price']),
      ])
      expect(new Set(plain)).toEqual(new Set(sharp.map((row) => row.slice(0, 6))))
      expect(new Set(rows.map((row: Record<string, string>) => row['pnl']))).toEqual(new Set(['', '1.7976931348623157e+308', '-5e-324']))
      const text = await readFile(join(folder, 'out/trades.csv'), 'utf8')
      expect(text).toContain('\r\nstage-condor,id-of-condor,=1+1,')
      // An empty text is not NULL.
      expect(text).toContain(',2025-06-01,,"",SELL,')
    })
  })

  test('parquet is read back by another implementation, value for value, over several row groups', async ({folder}) => {
    await usingPair(async (pair) => {
      const many = Array.from({length: 1500}, (_, index) => trade(`many-${index}`, '2025-07-01 04:00:00', ['BUY', 'ENTRY', 1], {price: index / 7}))
      await seal(pair, [...sharp, ...many])
      const [wide, out] = [join(folder, 'wide'), join(folder, 'out')]
      await exportTo(pair, {out: wide})
      const {files} = await exportTo(pair, {out, format: 'parquet'})
      const {rows, rowGroups} = await readParquetFile(join(out, 'trades.parquet'))
      const expected = await linesOf(join(wide, 'trades.jsonl'))
      expect([rowGroups, rows.length, files[0]?.rows]).toEqual([2, 1503, 1503])
      expect(rows).toEqual(expected.map((row) => ({...row, quantity: BigInt(Number(row['quantity']))})))
    })
  })

  test('parquet takes any integer of SQLite, and names a trade whose value it cannot hold', async ({folder}) => {
    await usingPair(async (pair) => {
      await seal(pair, [['large', '2025-06-01 04:00:00', 'NIFTY', 'BUY', 9223372036854775807n as unknown as number, 1, 'ENTRY', null]])
      await exportTo(pair, {out: join(folder, 'large'), format: 'parquet'})
      expect((await readParquetFile(join(folder, 'large/trades.parquet'))).rows).toMatchObject([{quantity: 9223372036854775807n}])
      await seal(pair, [trade('half', '2025-06-01 04:00:00', ['BUY', 'ENTRY', 0.5])])
      const message = expect.stringMatching(/half of stage-condor .* quantity .* 0\.5/)
      await expect(exportTo(pair, {out: join(folder, 'out'), format: 'parquet'})).rejects.toMatchObject({code: 'EXPORT_UNTYPED', message})
      expect(await readdir(folder)).toEqual(['large'])
    })
  })
})

describe('an export leaves nothing behind', () => {
  test('of an archive that is not as it was sealed', async ({folder}) => {
    await usingPair(async (pair) => {
      await seal(pair, roundTrip('NIFTY', '2025-06-01'))
      write(pair.archive, 'DROP TRIGGER trade_logs_delete')
      write(pair.archive, "DELETE FROM trade_logs WHERE id = 'NIFTY-2025-06-01-0-a'")
      await expect(exportTo(pair, {out: join(folder, 'out')})).rejects.toMatchObject({code: 'ARCHIVE_ALTERED', message: expect.stringContaining('has 3 rows')})
      expect(await readdir(folder)).toEqual([])
    })
  })

  test('where a folder is that is not empty, a file, or a link, also if it comes meanwhile; an empty folder is taken', async ({folder}) => {
    await usingPair(async (pair) => {
      await seal(pair, roundTrip('NIFTY', '2025-06-01'))
      await mkdir(join(folder, 'full/inner'), {recursive: true})
      await writeFile(join(folder, 'file'), 'mine')
      await symlink('nowhere', join(folder, 'link'))
      for (const name of ['full', 'file', 'link', 'file/below'])
        await expect(exportTo(pair, {out: join(folder, name)}), name).rejects.toMatchObject({
          code: name === 'file/below' ? 'STORAGE_READ_ONLY' : 'OUTPUT_EXISTS',
        })
      pair.server.watch = (_, body) => {
        if (body.includes('FROM trade_logs')) execFileSync('mkdir', ['-p', join(folder, 'late/inner')])
      }
      await expect(exportTo(pair, {out: join(folder, 'late')})).rejects.toMatchObject({code: 'OUTPUT_EXISTS'})
      pair.server.watch = () => undefined
      await mkdir(join(folder, 'empty'))
      await exportTo(pair, {out: join(folder, 'empty')})
      expect((await readdir(folder)).sort()).toEqual(['empty', 'file', 'full', 'late', 'link'])
      expect([await readdir(join(folder, 'full')), await readFile(join(folder, 'file'), 'utf8')]).toEqual([['inner'], 'mine'])
    })
  })

  test('where nothing can be written, and says so without advice about databases', async ({folder}) => {
    await usingPair(async (pair) => {
      const failed = exportTo(pair, {out: '/proc/strat/out'})
      await expect(failed).rejects.toMatchObject({code: 'STORAGE_READ_ONLY', suggestions: expect.arrayContaining([expect.stringContaining('--out')])})
      await mkdir(join(folder, 'sealed'))
      await chmod(join(folder, 'sealed'), 0o555)
      if (process.getuid?.() !== 0) await expect(exportTo(pair, {out: join(folder, 'sealed/out')})).rejects.toMatchObject({code: 'STORAGE_READ_ONLY'})
    })
  })

  test('of a process that was killed: the next export takes its draft away, and no other folder', async ({folder}) => {
    await usingPair(async (pair) => {
      const gone = Number(execFileSync('sh', ['-c', 'echo $$']).toString())
      for (const name of [`.out.${gone}-abc`, `.out.${process.ppid}-abc`, '.out.1', '.other.x']) await mkdir(join(folder, name))
      await exportTo(pair, {out: join(folder, 'out')})
      expect((await readdir(folder)).sort()).toEqual(['.other.x', '.out.1', `.out.${process.ppid}-abc`, 'out'])
    })
  })

  test.for(['out', 'spool'])('on a disk that is full where the %s is', async (which, {folder, skip}) => {
    const small = join(folder, 'small')
    await mkdir(small)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small], {stdio: 'ignore'})
    } catch {
      skip('A small disk can be mounted by root only.')
    }
    try {
      await usingPair(async (pair) => {
        await seal(
          pair,
          Array.from({length: 2000}, (_, index) => trade(`${index}`, '2025-07-01 04:00:00', ['BUY', 'ENTRY', 1])),
        )
        const failed = which === 'out' ? exportTo(pair, {out: join(small, 'out')}) : exportTo(pair, {out: join(folder, 'out'), spoolFolder: small})
        const message = expect.stringContaining(which === 'out' ? join(small, 'out') : small)
        await expect(failed).rejects.toMatchObject({code: 'STORAGE_FULL', message})
        expect(await readdir(small)).toEqual([])
        expect(await stat(join(folder, 'out')).catch(() => 'absent')).toBe('absent')
      })
    } finally {
      execFileSync('umount', ['-l', small])
    }
  })

  test.for([
    {from: '2025-04-02', to: '2025-04-01'},
    {from: '2025-02-29', to: '2025-04-01'},
    {from: '2025-04-01', to: 'x'},
  ])('of days that are none: $from to $to', async (range, {folder}) => {
    await usingPair(async (pair) => {
      await expect(exportTo(pair, {out: join(folder, 'out'), range})).rejects.toMatchObject({code: 'USAGE'})
      expect(await readdir(folder)).toEqual([])
    })
  })
})
