import type {KeptReason} from './kept-reasons.ts'
import type {LoggedTrade} from './logged-trade.ts'
import {type Instant, readTimestamp, type TimestampFormat} from './timestamps.ts'
import {problemOf} from './trade-problem.ts'

/** A row by which people find it. */
export type RowSample = {id: unknown; timestamp: unknown}

/** How many rows there are, and the first ten of them. */
export type Sample = {rows: number; first: RowSample[]}

/** The end of a closed prefix: how many rows it has, and the last timestamp in it, as read and as written in the last row. */
export type Cut = {rows: number; instant: Instant; timestamp: unknown}

/** The server's clock, and the last instant that a cut may have. */
export type Clock = {now: Instant; settledUntil: Instant}

/** What is known of a symbol after some of its rows, in the order of time. Its size does not depend on how many they were. */
export type SymbolRun = {
  rows: number
  /** Bought less sold, and what it was when the last timestamp was over. */
  net: number
  netBefore: number
  entered: number
  exited: number
  /** Whether at the end of some timestamp more had been exited than entered. */
  overdrawn: boolean
  /** The first row in each format. */
  formats: Map<TimestampFormat, RowSample>
  oldest: Instant | null
  /** The timestamp of the latest row, as read and as written, and how many rows came before all rows that have it. */
  instant: Instant | null
  timestamp: unknown
  rowsBefore: number
  /** How many rows there were when last everything entered had been exited, however recently. */
  balancedRows: number
  /** The latest of these points that is settled, and the first instant after it. */
  cut: Cut | null
  oldestAfterCut: Instant | null
  /** From which row on sums mean nothing, and why. */
  broken: {rows: number; reason: KeptReason} | null
  problems: Map<KeptReason, Sample>
  /** Up to which instant the symbol is in the archive already, and the rows that have come since. */
  archivedUntil: Instant | undefined
  late: Sample
}

/** The state before the first row. */
export const startRun = (archivedUntil: Instant | undefined): SymbolRun => ({
  rows: 0,
  net: 0,
  netBefore: 0,
  entered: 0,
  exited: 0,
  overdrawn: false,
  formats: new Map(),
  oldest: null,
  instant: null,
  timestamp: null,
  rowsBefore: 0,
  balancedRows: 0,
  cut: null,
  oldestAfterCut: null,
  broken: null,
  problems: new Map(),
  archivedUntil,
  late: {rows: 0, first: []},
})

/**
 * Takes in the next row. Those whose timestamp cannot be read come first, then the others in the order of time; any other order throws.
 * A row that cannot be summed ends the sums at its timestamp: what was closed before stays closed, nothing is closed after it.
 */
export function addRow(run: SymbolRun, row: LoggedTrade, clock: Clock): void {
  const read = readTimestamp(row.timestamp)
  if (run.instant !== null && !(read && read.instant >= run.instant)) throw new Error('The rows of a symbol are not in the order of time.')
  if (read && read.instant !== run.instant) startTimestamp(run, read.instant, clock)
  run.timestamp = row.timestamp
  if (read && !run.formats.has(read.format)) run.formats.set(read.format, sampleOf(row))
  for (const reason of [timeProblem(run, row.timestamp, clock), sumProblem(run, row)]) if (reason) breakRun(run, reason, row)
  if (!run.broken) sum(run, row)
  if (read && run.archivedUntil !== undefined && read.instant <= run.archivedUntil) addTo(run.late, row)
  run.rows++
}

/** Ends the timestamp of the latest row. Only here the sums are looked at, so rows that share one are never split. */
export function endTimestamp(run: SymbolRun, {settledUntil}: Clock): void {
  const {rows, instant, timestamp, net, entered, exited} = run
  if (run.broken || instant === null) return
  run.netBefore = net
  if (exited > entered) run.overdrawn = true
  if (net !== 0 || entered !== exited) return
  run.balancedRows = rows
  if (instant > settledUntil) return
  run.cut = {rows, instant, timestamp}
  run.oldestAfterCut = null
}

function startTimestamp(run: SymbolRun, instant: Instant, clock: Clock): void {
  endTimestamp(run, clock)
  run.instant = instant
  run.rowsBefore = run.rows
  run.oldest ??= instant
  run.oldestAfterCut ??= instant
}

function timeProblem({formats, instant}: SymbolRun, timestamp: unknown, {now}: Clock): KeptReason | undefined {
  if (instant === null) return timestamp === null ? 'TIMESTAMP_MISSING' : 'TIMESTAMP_INVALID'
  if (formats.size > 1) return 'TIMESTAMP_MIXED'
  return instant > now ? 'TIMESTAMP_FUTURE' : undefined
}

function sumProblem({entered, exited}: SymbolRun, row: LoggedTrade): KeptReason | undefined {
  const problem = problemOf(row)
  // Above 2^53 sums are rounded.
  return problem ?? (Number.isSafeInteger(entered + exited + Number(row.quantity)) ? undefined : 'QUANTITY_INVALID')
}

function breakRun(run: SymbolRun, reason: KeptReason, row: LoggedTrade): void {
  run.broken ??= {rows: run.rowsBefore, reason}
  const sample = run.problems.get(reason) ?? {rows: 0, first: []}
  run.problems.set(reason, sample)
  addTo(sample, row)
}

function addTo(sample: Sample, row: LoggedTrade): void {
  sample.rows++
  if (sample.first.length < 10) sample.first.push(sampleOf(row))
}

function sum(run: SymbolRun, {action, execution_reason, quantity}: LoggedTrade): void {
  const contracts = Number(quantity)
  run.net += action === 'BUY' ? contracts : -contracts
  if (execution_reason === 'ENTRY') run.entered += contracts
  else run.exited += contracts
}

const sampleOf = ({id, timestamp}: LoggedTrade): RowSample => ({id, timestamp})
