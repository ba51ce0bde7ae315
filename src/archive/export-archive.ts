import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Database} from '../database/database.ts'
import {StratError} from '../errors.ts'
import type {OnProgress} from '../progress.ts'
import {batchSpool} from './batch-spool.ts'
import {type Chain, readChain} from './chain.ts'
import {type DateRange, dateRange} from './date-range.ts'
import {usingDraft} from './draft-folder.ts'
import {type ExportedFile, exportFile} from './export-file.ts'
import {collecting, type Duplicates, duplicatesIn, findExitDates, tradesOfRange, undatedTrades} from './export-spool.ts'
import type {TradeFormat} from './exported-trade.ts'
import {type Problems, placeOf} from './problems.ts'
import {blaming} from './settled.ts'
import {type Spool, usingSpool} from './spool.ts'
import {verifyRows} from './verify-rows.ts'

export type ExportFormat = 'csv' | 'jsonl' | 'parquet'

export type ExportDependencies = {
  archive: Database
  stratVersion: string
  onProgress: OnProgress
  /** Aborted: nothing is left behind. */
  signal?: AbortSignal | undefined
  /** Where the spool is; the system's folder for temporary files unless given. */
  folder?: string
}

export type ExportInput = {
  range: DateRange
  /** The market's, an IANA name. */
  timeZone: string
  format: ExportFormat
  /** The folder to be made. */
  out: string
}

/**
 * What `manifest.json` says: the same for the same archive and input. `head` is the head of the chain when it was read; `unsealed` is what no run
 * has finished moving by then, of whatever days: it is in no file.
 */
export type ExportManifest = {
  format: 'strat archive export 1'
  archive: string
  head: string | null
  unsealed: {batches: number; trades: number}
  range: DateRange
  timeZone: string
  stratVersion: string
  files: ExportedFile[]
  duplicates: Duplicates
}

/**
 * Writes the trades of some days into a new folder: `trades.csv`, `.jsonl` or `.parquet`, one row a fill; `undated.jsonl`, if there are trades
 * whose timestamps are no instants; and `manifest.json`. A trade belongs to the day of its exit (`exitDates`), so years that follow each other
 * have each trade once. All of the archive is verified on the way.
 *
 * @throws StratError USAGE, OUTPUT_EXISTS, ARCHIVE_ALTERED, EXPORT_UNTYPED, INTERRUPTED, those of the storage and of the database; then there is no folder
 */
export async function exportArchive(dependencies: ExportDependencies, input: ExportInput): Promise<ExportManifest> {
  const {stratVersion, folder, signal} = dependencies
  const archive = blaming(dependencies.archive)
  const range = dateRange(input.range)
  return usingDraft(input.out, (draft) =>
    usingSpool(
      async (spool) => {
        const {timeZone} = input
        const {head, unsealed: left} = await collect(spool, {...dependencies, archive}, timeZone)
        const unsealed = {batches: left.length, trades: left.reduce((sum, {rows}) => sum + rows, 0)}
        const files = await exportFiles(spool, draft, {...input, range, signal})
        const common = {archive: archive.name, head, unsealed, range, timeZone, stratVersion}
        const duplicates = duplicatesIn(spool, range.from, range.to)
        const manifest: ExportManifest = {format: 'strat archive export 1', ...common, files, duplicates}
        await writeFile(join(draft, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`, {mode: 0o600, flush: true})
        return manifest
      },
      folder === undefined ? {} : {folder},
    ),
  )
}

type Collecting = Pick<ExportDependencies, 'onProgress' | 'signal'> & {archive: ReturnType<typeof blaming>}

async function collect(spool: Spool, {archive, onProgress, signal}: Collecting, timeZone: string): Promise<Chain> {
  const problems: Problems = {list: [], counts: {}}
  const batches = batchSpool(spool)
  const chain = await readChain(archive, batches, undefined, problems)
  const add = collecting(spool, timeZone)
  let done = 0
  await verifyRows(archive, batches, problems, ({rows, sealed}) => {
    requireGoingOn(signal)
    add(sealed)
    done += rows
    onProgress({message: `Reading ${archive.name}`, done, total: Math.max(done, chain.rows), failed: problems.list.length})
  })
  const [first] = problems.list
  if (first)
    throw new StratError('ARCHIVE_ALTERED', `${archive.name} is not as it was sealed: ${[placeOf(first), first.detail].filter(Boolean).join(': ')}`, {
      suggestions: ['strat archive verify'],
    })
  onProgress({message: 'Matching entries and exits'})
  findExitDates(spool)
  return chain
}

type Writing = Pick<ExportInput, 'range' | 'format'> & Pick<ExportDependencies, 'signal'>

async function exportFiles(spool: Spool, draft: string, {range, format, signal}: Writing): Promise<ExportedFile[]> {
  const trades = whileGoingOn(signal, tradesOfRange(spool, range.from, range.to))
  const files = [await exportFile(draft, `trades.${format}`, await formatOf(format), trades)]
  const [undated] = undatedTrades(spool)
  // Any value may be in any column of these.
  if (undated) files.push(await exportFile(draft, 'undated.jsonl', await formatOf('jsonl'), undatedTrades(spool)))
  return files
}

function* whileGoingOn<T>(signal: AbortSignal | undefined, items: Iterable<T>): Generator<T> {
  for (const item of items) {
    requireGoingOn(signal)
    yield item
  }
}

function requireGoingOn(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new StratError('INTERRUPTED', 'Interrupted; nothing was written.')
}

async function formatOf(format: ExportFormat): Promise<TradeFormat> {
  if (format === 'csv') return (await import('./export-csv.ts')).writeCsv
  return format === 'jsonl' ? (await import('./export-jsonl.ts')).writeJsonl : (await import('./export-parquet.ts')).writeParquet
}
