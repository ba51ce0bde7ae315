import {stripVTControlCharacters} from 'node:util'
import type {ArchivedStrategy, ArchiveResult} from '../archive/fleet-result.ts'
import {type Cause, causesOf} from '../fleet/causes.ts'
import {shardName} from '../fleet/shard.ts'
import type {MigratedDatabase, MigrateResult} from '../migrator/result.ts'
import type {RotateResult} from '../tokens/result.ts'
import {archiveTotal} from './archive-report.ts'
import {remains} from './archive-warnings.ts'
import {totalOf} from './migrate-report.ts'
import {rotationTotal} from './rotate-report.ts'

/** GitHub takes 1 MiB from all commands of a step, and nothing at all of more. */
const mostBytes = 400_000

const mostCauses = 100

/** What a job summary tells of a run over a fleet. */
export type FleetSummary = {
  title: string
  /** What is counted where it is not databases, of which causes tell that they failed. */
  noun?: 'problem'
  /** Lines under the title. */
  lines: string[]
  counts: [outcome: string, count: number][]
  causes: Cause[]
  /** A name, its outcome, a detail; what is most important first. */
  databases: string[][]
}

/** A run in Markdown: how many databases had which outcome, why some failed, then each database as far as there is room. */
export function fleetSummary({title, noun, lines, counts, causes, databases}: FleetSummary): string {
  const words = noun
    ? {outcome: 'Problem', count: 'Found', name: 'Batch', failed: 'Found'}
    : {outcome: 'Outcome', count: 'Databases', name: 'Database', failed: 'Failed'}
  const head = [
    [`### ${title}`],
    lines.flatMap((line, index) => (index === 0 ? [toCell(line)] : ['', toCell(line)])),
    table(
      [words.outcome, words.count],
      counts.map(([outcome, count]) => [outcome, String(count)]),
    ),
    table(
      [words.failed, 'As in', 'Cause'],
      causes.slice(0, mostCauses).map(({reason, count, example}) => [String(count), example, reason]),
    ),
  ]
  return fill(
    head.filter((block) => block.length > 0).flatMap((block) => [...block, '']),
    table([words.name, words.outcome, 'Detail'], databases),
  )
}

const migrationStatuses = ['failed', 'skipped', 'applied', 'current'] as const

/** A run of migrations, what failed first. */
export function migrationSummary(result: MigrateResult): FleetSummary {
  const {run, shard, interrupted, summary, unmarked} = result
  return {
    title: `strat migrate${shard ? `, shard ${shardName(shard)}` : ''}${interrupted ? ', interrupted' : ''}`,
    lines: [`Run ${run}: ${totalOf(result)}`, ...(unmarked.length > 0 ? [`Left alone, because not made by strat: ${unmarked.length}`] : [])],
    counts: migrationStatuses.map((status) => [status, summary[status]]),
    causes: summary.causes,
    databases: migrationStatuses.flatMap((status) => result.databases.filter((database) => database.status === status)).map(databaseRow),
  }
}

const rotationStatuses = ['failed', 'expiring', 'skipped', 'rotated', 'due', 'fresh'] as const

/** A rotation, what failed first. */
export function rotationSummary(result: RotateResult): FleetSummary {
  const {run, interrupted, summary, strategies, unmarked} = result
  return {
    title: `strat rotate${interrupted ? ', interrupted' : ''}`,
    lines: [`Run ${run}: ${rotationTotal(result)}`, ...(unmarked.length > 0 ? [`Left alone, because not made by strat: ${unmarked.length}`] : [])],
    counts: rotationStatuses.flatMap((status): [string, number][] => (summary[status] > 0 ? [[status, summary[status]]] : [])),
    causes: summary.causes,
    databases: rotationStatuses
      .flatMap((status) => strategies.filter((strategy) => strategy.status === status))
      .map((strategy) => [strategy.name, strategy.status, 'reason' in strategy ? strategy.reason : '']),
  }
}

const archiveStatuses = ['failed', 'skipped', 'archived', 'copied', 'due', 'current'] as const

/** A run of archiving, what failed first; with the head of the chain, which is to be kept outside of the databases. */
export function archiveSummary(result: ArchiveResult): FleetSummary {
  const {run, interrupted, summary, strategies, unmarked, archive, head} = result
  return {
    title: `strat archive${interrupted ? ', interrupted' : ''}`,
    lines: [
      `Run ${run}: ${archiveTotal(result)}`,
      ...(head === null ? [] : [`Head of the chain in ${archive}: ${head}`]),
      ...(unmarked.length > 0 ? [`Left alone, because not made by strat: ${unmarked.length}`] : []),
    ],
    counts: archiveStatuses.flatMap((status): [string, number][] => (summary[status] > 0 ? [[status, summary[status]]] : [])),
    causes: [
      ...summary.causes,
      ...causesOf(strategies.flatMap((strategy) => ('kept' in strategy ? remains(strategy).map((reason) => ({name: strategy.name, reason})) : []))),
    ],
    databases: archiveStatuses.flatMap((status) => strategies.filter((strategy) => strategy.status === status)).map(archiveRow),
  }
}

function archiveRow(strategy: ArchivedStrategy): string[] {
  const {name, status} = strategy
  if (!('kept' in strategy)) return [name, status, strategy.moved > 0 ? `${strategy.moved} moved; ${strategy.reason}` : strategy.reason]
  const {moved, kept, stuck} = strategy
  return [name, status, [`${moved} moved, ${kept} kept${stuck > 0 ? `, ${stuck} stuck` : ''}`, ...remains(strategy)].join('; ')]
}

/** The head, and as many of the rows as there is room for. */
function fill(head: string[], rows: string[]): string {
  let room = mostBytes - bytes(head)
  const shown = rows.filter((row) => {
    room -= bytes([row])
    return room >= 0
  })
  const left = rows.length - shown.length
  return `${[...head, ...shown, ...(left > 0 ? ['', `${left} more databases are not listed here.`] : [])].join('\n')}\n\n`
}

const bytes = (lines: string[]) => lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)

const table = (headers: string[], rows: string[][]) => {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return rows.length === 0 ? [] : [line(headers), line(headers.map(() => '---')), ...rows.map((cells) => line(cells.map(toCell)))]
}

function databaseRow(database: MigratedDatabase): string[] {
  const {name, status} = database
  if (database.status === 'applied') return [name, status, database.migrations.join(', ')]
  return [name, status, database.status === 'current' ? '' : `${database.code}: ${database.reason}`]
}

const longestCell = 300

/** A text as it stands, in one line of a cell: whatever Markdown or HTML is in it. */
function toCell(text: string): string {
  const line = stripVTControlCharacters(text).replace(/\s+/g, ' ').trim()
  const short = line.length > longestCell ? `${line.slice(0, longestCell)}…` : line
  return short.replace(/[\\`*_[\]<>|~&#$]/g, '\\$&')
}
