import {styleText} from 'node:util'
import type {PlannedClass} from '../migrator/plan-fleet.ts'
import type {JsonArgument, PlannedMigration} from '../migrator/planned-migration.ts'
import {formatDrift} from './drift.ts'
import {plural, someOf} from './text.ts'

/** What a run would do to the databases of one class, for a person: the exact SQL with its parameters, and what drops data. */
export function formatPlan(planned: PlannedClass): string {
  const {databases, kind, executed, migrations, obstacle, drift, unrehearsed} = planned
  const lines = [`${plural(databases.length, 'database')} (${someOf(databases)}), ${kind}, ${executed.length} executed:`]
  if (obstacle) lines.push(`  ${obstacle.status === 'failed' ? 'would fail' : 'left alone'}, ${obstacle.code}: ${obstacle.reason}`)
  else if (migrations.length === 0) lines.push('  nothing to do')
  for (const migration of migrations) lines.push(...formatMigration(migration))
  if (unrehearsed) lines.push(`  not rehearsed from ${unrehearsed} on, which needs rows that a database in memory does not have; --rehearse does it on a copy`)
  if (drift.length > 0) lines.push(formatDrift(databases, drift))
  return lines.join('\n')
}

function formatMigration({name, mode, reason, statements, rebuilds, destructive, renamed, safeWithOpenPositions}: PlannedMigration): string[] {
  const notes = [
    ...(mode === 'interactive' ? [`interactive: ${reason}`] : []),
    ...(rebuilds.length > 0 ? [`rebuilds ${rebuilds.join(', ')}`] : []),
    ...(renamed.length > 0 ? [`renames ${renamed.join(', ')}, which bots know by these names`] : []),
    ...(safeWithOpenPositions ? ['safe with open positions'] : []),
  ]
  return [
    `  ${name}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`,
    ...statements.flatMap(({sql, args}, index) => [
      `    ${indent(sql)};${args.length > 0 ? ` -- ${args.map(formatArgument).join(', ')}` : ''}`,
      ...destructive
        .filter(({statement}) => statement === index)
        .map(({reason}) => `    ${styleText('red', `destructive: ${reason}`, {stream: process.stdout})}`),
    ]),
  ]
}

const indent = (sql: string) => sql.trim().replaceAll('\n', '\n    ')

const formatArgument = (value: JsonArgument) =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : typeof value === 'object' ? JSON.stringify(value) : String(value)
