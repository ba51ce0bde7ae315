import {copyFile} from 'node:fs/promises'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {type DevServer, usingDev} from '../test/helpers/dev.ts'
import {runStrat} from '../test/helpers/strat.ts'
import {archiveOfNights} from './archive-nights.ts'
import {rowByRow} from './archive-rival.ts'
import {runBuilt, type Taken, usingFastFolder} from './fleet-process.ts'
import {writeHistory} from './histories.ts'
import type {Figure} from './run.ts'

const latencyMs = 5
/** Its manifest with its indexes, announced, sealed, and how far its symbols are archived: whatever its rows are. */
const writtenForBatch = 12
const fewRows = 10_000
/** Rows that the rival moves; what it takes for each does not depend on how many they are. */
const sampleRows = 304

/** What `strat archive` takes to move a strategy's trades over HTTP, next to a script that moves row by row, and to SQLite alone on one machine. */
export async function archive(rows = 100_000): Promise<Figure[]> {
  const few = await usingDesk(fewRows, archiveAll)
  const nights = Object.entries(await archiveOfNights(rows, latencyMs)).map(([what, {megabytes}]) =>
    atMost(`archive: ${what} of ${rows.toLocaleString('en')} rows in batches of 8: memory at most, MB`, megabytes, 150),
  )
  return usingDesk(rows, async (desk) => {
    const attached = await withAttach(desk)
    const taken = await archiveAll(desk)
    const [verified, exported] = [
      await afterwards(desk, 'verify'),
      await afterwards(desk, 'export', '--from', '2020-01-01', '--to', '2099-12-31', '--out', 'exported'),
    ]
    const rival = (await rowByRow(desk)) * rows
    const text = `archive: ${rows.toLocaleString('en')} rows, ${latencyMs} ms`
    return [
      atMost('archive: rows written per archived row, but for those of batches', (taken.written - writtenForBatch * taken.batches) / rows, 2, 0.001),
      atMost('archive: rows read per archived row', taken.read / rows, 5, 0.02),
      {...atMost(`${text}: strat / row by row (extended from ${sampleRows})`, taken.ms / rival, 0.05), measured: ratio(taken.ms, rival, 4)},
      {figure: `${text}: strat / INSERT … SELECT and DELETE with ATTACH`, goal: 'report', measured: ratio(taken.ms, attached, 0), isMet: true},
      atMost(`archive: ${rows.toLocaleString('en')} rows: memory at most, MB`, taken.megabytes, 150),
      atMost(`archive verify: ${rows.toLocaleString('en')} rows: memory at most, MB`, verified.megabytes, 150),
      atMost(`archive export: ${rows.toLocaleString('en')} rows: memory at most, MB`, exported.megabytes, 150),
      atMost(`archive: growth of it from ${fewRows.toLocaleString('en')} rows, MB`, taken.megabytes - few.megabytes, 30),
      ...nights,
    ]
  })
}

/** A strategy's database with a long history on `strat dev`, and where copies of a sample go. */
export type Desk = {folder: string; dev: DevServer; rows: number; source: string; sample: string; copies: string}

async function usingDesk<T>(rows: number, use: (desk: Desk) => Promise<T>): Promise<T> {
  const names = {source: 'stage-condor', sample: 'stage-sample', copies: 'stage-copies'}
  return usingFastFolder(async (folder) => {
    for (const name of Object.values(names)) {
      const {code, stderr} = await runStrat(['create', name, '--template', 'condor', '--secrets', 'none'], {cwd: folder})
      if (code !== 0) throw new Error(stderr)
    }
    // All of it is long over, so that all is moved.
    const options = {kind: 'condor', seed: 1, until: new Date(Date.now() - 14 * 86_400_000)} as const
    const written = writeHistory(fileOf(folder, names.source), {...options, positions: rows / 8})
    writeHistory(fileOf(folder, names.sample), {...options, positions: sampleRows / 8})
    const results: T[] = []
    await usingDev(folder, ['--latency', String(latencyMs)], async (dev) => {
      results.push(await use({folder, dev, rows: written, ...names}))
    })
    return results[0] as T
  })
}

async function archiveAll({folder, dev, rows, source}: Desk): Promise<Taken & {read: number; written: number; batches: number}> {
  const taken = await runBuilt(['archive', source, '--json'], {cwd: folder, env: dev.variables()})
  const [{moved, batches, rowsRead, rowsWritten}] = JSON.parse(taken.stdout).strategies
  if (moved !== rows) throw new Error(`${moved} of ${rows} were moved: ${taken.stdout.slice(0, 2000)}`)
  return {...taken, read: rowsRead, written: rowsWritten, batches: batches.length}
}

/** What is done with an archive that is full. */
const afterwards = ({folder, dev}: Desk, ...args: string[]): Promise<Taken> => runBuilt(['archive', ...args, '--json'], {cwd: folder, env: dev.variables()})

/** How long one transaction over two files of one machine takes, in milliseconds; nothing is hashed or verified. */
async function withAttach({folder, source, copies}: Desk): Promise<number> {
  const [from, to] = [join(folder, 'from.db'), join(folder, 'to.db')]
  await Promise.all([copyFile(fileOf(folder, source), from), copyFile(fileOf(folder, copies), to)])
  const database = new DatabaseSync(from)
  try {
    database.prepare('ATTACH ? AS archive').run(to)
    const start = performance.now()
    database.exec('BEGIN IMMEDIATE; INSERT INTO archive.trade_logs SELECT * FROM main.trade_logs ORDER BY rowid; DELETE FROM main.trade_logs; COMMIT')
    return performance.now() - start
  } finally {
    database.close()
  }
}

const fileOf = (folder: string, name: string) => join(folder, '.strat', `${name}.db`)

/** `slack`: what comes with each batch, whatever its rows are. */
const atMost = (figure: string, measured: number, goal: number, slack = 0): Figure => ({
  figure,
  goal: `≤ ${goal}`,
  measured: measured.toFixed(measured < 10 ? 3 : 0),
  isMet: measured <= goal + slack,
})

const ratio = (ms: number, other: number, digits: number) => `${(ms / other).toFixed(digits)} (${seconds(ms)} / ${seconds(other)})`

const seconds = (ms: number) => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
