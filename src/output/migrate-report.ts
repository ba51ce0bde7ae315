import {causesOf} from '../fleet/causes.ts'
import {shardName} from '../fleet/shard.ts'
import type {MigratedDatabase, MigrateResult} from '../migrator/result.ts'
import {formatDifferences} from '../migrator/schema-diff.ts'
import {driftTitle} from './drift.ts'
import type {Report} from './report.ts'
import {excerpt, plural} from './text.ts'

/** More databases than these are a large fleet, of which a person is told the numbers, and not of each that it had nothing to do. */
const mostListed = 20

type ReportOptions = {
  forPerson: boolean
  /** Whether the run took migrations back. */
  isUndo?: boolean
}

/** A run as a table, warnings (why some failed or were skipped, what is not ours) and next steps; a program gets every database. */
export function migrateReport(result: MigrateResult, {forPerson, isUndo = false}: ReportOptions): Report {
  const isLarge = forPerson && result.databases.length > mostListed
  const hidesCurrent = forPerson && result.summary.current > mostListed
  const listed = result.databases.filter(({status}) => !(hidesCurrent && status === 'current'))
  return {
    table: {
      headers: ['NAME', 'STATUS', 'DETAIL'],
      rows: listed.map((database) => [database.name, isUndo && database.status === 'applied' ? 'undone' : database.status, detailOf(database)]),
    },
    warnings: [
      ...result.warnings.map((warning) => ({warning, hints: []})),
      ...unmarkedOf(result),
      ...driftOf(result),
      ...skippedOf(result),
      ...result.summary.causes.map((cause) => failureOf(cause, result.databases)),
    ],
    next: [...(isLarge || result.databases.length === 0 ? [totalOf(result)] : []), ...rehearsedOn(result), ...nextSteps(result, isUndo)],
  }
}

/** Interrupted wins over failed: who ended the run knows that it is not done. */
export function exitCodeOf({interrupted, summary}: MigrateResult): 0 | 3 | 130 {
  if (interrupted) return 130
  return summary.failed > 0 ? 3 : 0
}

/** `3 applied, 96 current, 1 failed`; of a shard without a database, that. */
export function totalOf({databases, shard, summary}: MigrateResult): string {
  if (databases.length === 0) return shard ? `No database is in shard ${shardName(shard)}.` : 'No database is ours.'
  return (['applied', 'current', 'skipped', 'failed'] as const).flatMap((status) => (summary[status] > 0 ? [`${summary[status]} ${status}`] : [])).join(', ')
}

function detailOf(database: MigratedDatabase): string {
  if (database.status === 'applied') return database.migrations.join(', ')
  return database.status === 'current' ? 'nothing to do' : database.code
}

function unmarkedOf({unmarked}: MigrateResult): Report['warnings'] {
  if (unmarked.length === 0) return []
  return [{warning: `${plural(unmarked.length, 'database')} not made by strat left alone: ${unmarked.join(', ')}`, hints: []}]
}

function driftOf({drift}: MigrateResult): Report['warnings'] {
  return drift.map(({databases, differences}) => ({warning: driftTitle(databases), hints: [formatDifferences(differences)]}))
}

function skippedOf({databases}: MigrateResult): Report['warnings'] {
  const skipped = databases.filter((database) => database.status === 'skipped')
  return causesOf(skipped).map(({reason, count, example}) => ({warning: `${plural(count, 'database')} skipped, as ${example}: ${reason}`, hints: []}))
}

function failureOf({reason, count, example}: MigrateResult['summary']['causes'][number], databases: MigratedDatabase[]): Report['warnings'][number] {
  const warning = `${plural(count, 'failure')}, as in ${example}: ${reason}`
  const failed = databases.find((database) => database.name === example)
  if (failed?.status !== 'failed') return {warning, hints: []}
  const statement = failed.statement ? [`  Statement: ${excerpt(failed.statement)}`] : []
  return {warning, hints: [...statement, ...failed.suggestions.map((suggestion) => `  Try: ${suggestion}`)]}
}

function rehearsedOn({rehearsals}: MigrateResult): string[] {
  return rehearsals.map(({database, tables}) => {
    const losses = tables.flatMap(({name, before, after}) => (before > (after ?? 0) ? [`${name} had ${before}, has ${after ?? 'no table'}`] : []))
    return `Rehearsed on a copy of ${database}: ${losses.length > 0 ? `fewer rows then: ${losses.join('; ')}` : 'all rows kept'}.`
  })
}

function nextSteps({run, interrupted, summary}: MigrateResult, isUndo: boolean): string[] {
  if (interrupted) return ['Next: the same command again, for those that were not reached: nothing is done twice.']
  if (summary.failed > 0) return ['Next: mend the causes, then the same command again: nothing is done twice.']
  return summary.applied > 0 && !isUndo ? [`To undo it: strat migrate undo --run ${run}`] : []
}
