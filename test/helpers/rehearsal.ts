import {ulid} from 'ulid'
import {usingDatabase} from '../../src/database/connect.ts'
import type {Database} from '../../src/database/database.ts'
import {createMarkerTable, insertMarker} from '../../src/database/marker.ts'
import {newForkName} from '../../src/fleet/fork-name.ts'
import {rehearseOnFork} from '../../src/migrator/rehearse-on-fork.ts'
import type {Platform, PlatformDatabase} from '../../src/platform/platform.ts'

/** The name of a copy that was made so many minutes ago. */
export const forkNameOf = (minutesAgo: number) => `strat-rehearsal-${ulid(Date.now() - minutesAgo * 60_000).toLowerCase()}`

/** What applies statements to a database, all or none. */
export const applying =
  (...statements: string[]) =>
  async (database: Database) => {
    await database.migrate(statements.map((sql) => ({sql, args: []})))
  }

/** Makes a database with a marker and what the statements make. */
export async function makeMarked(platform: Platform, name: string, ...statements: string[]): Promise<PlatformDatabase> {
  const {database} = await platform.createDatabase(name)
  const marker = insertMarker({strategy: name, kind: 'strategy', template: 'condor', createdAt: new Date().toISOString()})
  await usingDatabase(await platform.connect(database), async (opened) => {
    await opened.migrate([createMarkerTable, marker])
    if (statements.length > 0) await applying(...statements)(opened)
  })
  return database
}

/** The first column of what a query returns. */
export const valuesIn = async (platform: Platform, database: PlatformDatabase, sql: string): Promise<unknown[]> =>
  usingDatabase(await platform.connect(database), async (opened) => {
    const [result] = await opened.read([{sql, args: []}])
    return result?.rows.map((row) => row[0]) ?? []
  })

/** Rehearses on a copy of a database; `deletesFrom` names the tables that may lose rows. */
export async function rehearse(
  platform: Platform,
  source: PlatformDatabase,
  apply: (fork: Database) => Promise<void>,
  {name = newForkName(), deletesFrom = [], warnings = []}: {name?: string; deletesFrom?: string[]; warnings?: string[]} = {},
) {
  return rehearseOnFork(platform, {source, name, apply, deletesFrom: (table) => deletesFrom.includes(table), warn: (message) => warnings.push(message)})
}
