import {isVirtualTable, ownSchema} from '../database/inspect.ts'
import {newForkName} from '../fleet/fork-name.ts'
import type {Platform} from '../platform/platform.ts'
import type {OnProgress} from '../progress.ts'
import type {ClassPlan} from './class-plan.ts'
import {firstWithRows} from './first-with-rows.ts'
import {deleteLeftoverForks} from './leftover-forks.ts'
import {migrateDatabase} from './migrate-database.ts'
import {plannedMigrations} from './planned-migration.ts'
import type {PreparedFleet} from './prepare.ts'
import {type ForkRehearsal, rehearseOnFork} from './rehearse-on-fork.ts'
import {noRun} from './schemas.ts'
import {firstWord, mentions} from './sql.ts'

export type RehearseDependencies = {
  platform: Pick<Platform, 'listDatabases' | 'connect' | 'forkDatabase' | 'deleteDatabase'>
  onProgress: OnProgress
}

export type ForkRehearsals = {rehearsals: ForkRehearsal[]; warnings: string[]}

/**
 * Rehearses what is planned on a copy of one database of each class that holds rows, one after the other. Deletes the copies, and
 * those that an earlier rehearsal left.
 *
 * @throws StratError REHEARSAL_FAILED, and those of the platform
 */
export async function rehearseOnForks({platform, onProgress}: RehearseDependencies, {plans}: Pick<PreparedFleet, 'plans'>): Promise<ForkRehearsals> {
  const warnings: string[] = []
  const warn = (message: string) => warnings.push(message)
  const {deleted, younger} = await deleteLeftoverForks(platform, await platform.listDatabases(), warn)
  if (deleted.length > 0) warn(`Deleted copies that an earlier rehearsal left: ${deleted.join(', ')}.`)
  if (younger.length > 0) warn(`Copies of another rehearsal, going on or interrupted within the hour: ${younger.join(', ')}.`)
  const rehearsals: ForkRehearsal[] = []
  for (const plan of plans) {
    if (plan.recordings.length === 0) continue
    const tables = ownSchema(plan.class.state).filter((object) => object.type === 'table' && !isVirtualTable(object))
    const candidates = plan.class.members.map(({database}) => database)
    const source = await firstWithRows(
      platform,
      candidates,
      tables.map(({name}) => name),
    )
    if (!source) continue
    onProgress({message: `Rehearsing on a copy of ${source.name}`})
    rehearsals.push(await rehearseOnFork(platform, {source, name: newForkName(), apply: (fork) => apply(fork, plan), deletesFrom: deletesFrom(plan), warn}))
  }
  return {rehearsals, warnings}
}

async function apply(fork: Parameters<typeof migrateDatabase>[0], {recordings, isUndo}: ClassPlan): Promise<void> {
  let isFirst = true
  await migrateDatabase(fork, {
    run: noRun,
    // After a lost reply it is read once more: what is done by then is not done again.
    workFor: async (state) => {
      const left = recordings.filter(({name}) => isFirst || state.ledger.includes(name) === isUndo)
      isFirst = false
      return {recordings: left, isUndo}
    },
  })
}

/** Whether a plan says of itself that it takes rows from a table; one that reads may do anything. */
function deletesFrom(plan: ClassPlan): (table: string) => boolean {
  const migrations = plannedMigrations(plan)
  const rebuilds = new Set(migrations.flatMap((migration) => migration.rebuilds.map((table) => table.toLowerCase())))
  const statements = migrations.flatMap((migration) => migration.statements.map(({sql}) => sql))
  return (table) =>
    migrations.some(({mode}) => mode === 'interactive') ||
    statements.some((sql) => {
      const word = firstWord(sql)
      return mentions(sql, table) && (['delete', 'replace', 'with'].includes(word) || (word === 'drop' && !rebuilds.has(table.toLowerCase())))
    })
}
