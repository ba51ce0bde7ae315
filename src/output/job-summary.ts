import {stripVTControlCharacters} from 'node:util'
import {shardName} from '../fleet/shard.ts'
import type {MigratedDatabase, MigrateResult} from '../migrator/result.ts'
import {totalOf} from './migrate-report.ts'

/** GitHub takes 1 MiB from all commands of a step, and nothing at all of more. */
const mostBytes = 400_000

const mostCauses = 100

const statuses = ['failed', 'skipped', 'applied', 'current'] as const

/** A run in Markdown: how many databases had which outcome, why some failed, then each database as far as there is room, what failed first. */
export function jobSummary(result: MigrateResult): string {
  const {run, shard, interrupted, summary, unmarked} = result
  const counts = statuses.map((status) => [status, String(summary[status])])
  const causes = summary.causes.slice(0, mostCauses).map(({reason, count, example}) => [String(count), example, reason])
  const databases = statuses.flatMap((status) => result.databases.filter((database) => database.status === status)).map(databaseRow)
  const head = [
    [`### strat migrate${shard ? `, shard ${shardName(shard)}` : ''}${interrupted ? ', interrupted' : ''}`],
    [`Run ${toCell(run)}: ${totalOf(result)}`],
    unmarked.length > 0 ? [`Left alone, because not made by strat: ${unmarked.length}`] : [],
    table(['Outcome', 'Databases'], counts),
    table(['Failed', 'As in', 'Cause'], causes),
  ]
  return fill(
    head.filter((block) => block.length > 0).flatMap((block) => [...block, '']),
    table(['Database', 'Outcome', 'Detail'], databases),
  )
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
