import {join} from 'node:path'
import type {Client} from '@libsql/client'
import {createClient} from '@libsql/client/sqlite3'
import {LibsqlDialect} from '@libsql/kysely-libsql'
import {Kysely} from 'kysely'
import {type Migration, Migrator} from 'kysely/migration'
import {importUserFile} from '../src/import-user-file.ts'
import {initial, migration, ownMigrations, writeFiles} from '../test/helpers/files.ts'
import {type RunOptions, runStrat, usingFolder} from '../test/helpers/strat.ts'
import type {Figure} from './run.ts'

const notes = migration('ALTER TABLE trade_logs ADD COLUMN note TEXT', 'UPDATE trade_logs SET note = symbol')

/** How many requests one database gets, next to Kysely's own Migrator over the same client with the same migrations. */
export async function requests(): Promise<Figure[]> {
  const figures: Figure[] = []
  await usingFolder(async (folder) => {
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
    const strat = async (args: string, options: RunOptions = {}) => (await runStrat([...args.split(' '), '--json'], {cwd: folder, ...options})).json
    const created = await strat('create stage-condor')
    const nothing = await strat('migrate stage-condor')
    await writeFiles(folder, {'migrations/strategy/0002_notes.ts': notes})
    const something = await strat('migrate stage-condor')
    const kysely = await kyselyRequests(folder)
    const figure = (text: string, measured: number, goal: number, other: number): Figure => ({
      figure: text,
      goal: `≤ ${goal}`,
      measured: `${measured} (Kysely's Migrator: ${other})`,
      isMet: measured <= goal,
    })
    figures.push(
      figure('requests of create', created.requests, 3, kysely.create),
      figure('requests of migrate, nothing to do', nothing.databases[0].requests, 1, kysely.nothing),
      figure('requests of migrate, one migration', something.databases[0].requests, 2, kysely.something),
    )
  })
  return figures
}

async function kyselyRequests(folder: string): Promise<Record<'create' | 'nothing' | 'something', number>> {
  const load = async (name: string): Promise<[string, Migration]> => [
    name,
    (await importUserFile(join(folder, `migrations/strategy/${name}.ts`))) as unknown as Migration,
  ]
  const first = [await load('0001_initial')]
  const both = [...first, await load('0002_notes')]
  const client = createClient({url: `file:${join(folder, 'kysely.db')}`})
  const count = async (migrations: [string, Migration][]) => {
    let sent = 0
    const counting = {
      execute: (...args: Parameters<Client['execute']>) => {
        sent += 1
        return client.execute(...args)
      },
    } as Client
    const db = new Kysely({dialect: new LibsqlDialect({client: counting})})
    const {error} = await new Migrator({db, provider: {getMigrations: async () => Object.fromEntries(migrations)}}).migrateToLatest()
    if (error) throw error
    return sent
  }
  const counts = {create: await count(first), nothing: await count(first), something: await count(both)}
  client.close()
  return counts
}
