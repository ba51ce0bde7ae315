import {usingDatabase} from '../database/connect.ts'
import type {Database} from '../database/database.ts'
import {messageOf, StratError} from '../errors.ts'
import type {Platform, PlatformDatabase} from '../platform/platform.ts'
import {MigrationError} from './migration-error.ts'
import {rehearsalFailed} from './rehearsal-failed.ts'
import {type Stock, takeStock} from './stock.ts'

/** What a rehearsal on a copy of one database showed: the rows of each table that it has or had; `after` is null where the table is gone. */
export type ForkRehearsal = {database: string; fork: string; tables: TableRows[]}

type TableRows = {name: string; before: number; after: number | null}

export type RehearseOnForkInput = {
  source: PlatformDatabase
  /** The name of the copy: one of `newForkName`. */
  name: string
  /** Applies to the copy, whose marker names the source, what is rehearsed. */
  apply: (fork: Database) => Promise<void>
  /** Whether what is rehearsed says of itself that it takes rows from a table. */
  deletesFrom: (table: string) => boolean
  /** Hears that the copy could not be deleted. */
  warn: (message: string) => void
}

/**
 * Applies migrations to a copy of one database, shows what becomes of its rows, and deletes the copy whatever happens.
 *
 * @throws StratError REHEARSAL_FAILED where a migration fails, rows are gone that nobody said would be, or the copy is not sound afterwards; those of `apply`
 * and of the platform
 */
export async function rehearseOnFork(
  platform: Pick<Platform, 'forkDatabase' | 'connect' | 'deleteDatabase'>,
  {source, name, apply, deletesFrom, warn}: RehearseOnForkInput,
): Promise<ForkRehearsal> {
  const fork = await platform.forkDatabase(source, name)
  try {
    return await usingDatabase(await platform.connect(fork), async (opened) => {
      const before = await takeStock(opened)
      await apply(opened).catch((error) => {
        throw error instanceof MigrationError ? rehearsalFailed(`On a copy of ${source.name}`, error) : error
      })
      const after = await takeStock(opened)
      const tables = compareRows(before, after)
      const faults = [...lossesIn(tables, newTables(before, after), deletesFrom), ...damageIn(before, after), ...orphansIn(before, after)]
      if (faults.length > 0) throw wentWrong(source.name, faults)
      return {database: source.name, fork: name, tables}
    })
  } finally {
    await platform.deleteDatabase(fork).catch((error) => warn(`${name}, a copy of ${source.name} for the rehearsal, was not deleted: ${messageOf(error)}.`))
  }
}

function compareRows(before: Stock, after: Stock): TableRows[] {
  const now = new Map([...after.rows].map(([name, rows]) => [name.toLowerCase(), rows]))
  const old = [...before.rows].map(([name, rows]) => ({name, before: rows, after: now.get(name.toLowerCase()) ?? null}))
  return [...old, ...newTables(before, after).map(([name, rows]) => ({name, before: 0, after: rows}))]
}

function newTables(before: Stock, after: Stock): [string, number][] {
  const old = new Set([...before.rows.keys()].map((name) => name.toLowerCase()))
  return [...after.rows].filter(([name]) => !old.has(name.toLowerCase()))
}

function lossesIn(tables: TableRows[], heirs: [string, number][], deletesFrom: (table: string) => boolean): string[] {
  return tables.flatMap(({name, before, after}) => {
    if (before <= (after ?? 0) || deletesFrom(name)) return []
    // Renamed: nobody said that it is dropped, and a new table has what it had.
    const heir = after === null ? heirs.findIndex(([, rows]) => rows >= before) : -1
    if (heir !== -1) heirs.splice(heir, 1)
    return heir !== -1 ? [] : [`${name} lost rows (${before} before, ${after === null ? 'now the table is gone' : `${after} after`})`]
  })
}

function damageIn(before: Stock, after: Stock): string[] {
  const lines = after.damage.slice(0, 3).join('; ')
  return lines === '' ? [] : [`it is damaged${before.damage.length > 0 ? ', as it was before' : ''}: ${lines}`]
}

/** What refers to nothing before is no fault of the migrations. */
function orphansIn(before: Stock, after: Stock): string[] {
  const added = [...after.orphans].filter(([whose, rows]) => rows > (before.orphans.get(whose) ?? 0))
  return added.map(([whose, rows]) => `rows of ${whose} (${before.orphans.get(whose) ?? 0} before, ${rows} after)`)
}

const wentWrong = (source: string, faults: string[]) =>
  new StratError('REHEARSAL_FAILED', `On a copy of ${source} the migrations went wrong: ${faults.join('; ')}.`, {
    suggestions: ['Mend the migration, then run the same command again: no database of the fleet was touched.'],
  })
