import {join} from 'node:path'
import {LibsqlDialect} from '@libsql/kysely-libsql'
import {Kysely, sql} from 'kysely'
import {type Migration as KyselyMigration, Migrator} from 'kysely/migration'
import {describe, expect, vi} from 'vitest'
import {usingDatabase} from '../../../src/database/connect.ts'
import {migrateDatabase} from '../../../src/migrator/migrate-database.ts'
import {planMigrations} from '../../../src/migrator/plan.ts'
import {recordMigration} from '../../../src/migrator/record.ts'
import {execute, query, usingFile} from '../../helpers/database.ts'
import {test} from '../../helpers/test.ts'

/** Migrations whose second application would show. */
const migrations: Record<string, KyselyMigration> = Object.fromEntries(
  ['0001_a', '0002_b', '0003_c', '0004_d'].map((name) => [
    name,
    {
      async up(db) {
        await sql`CREATE TABLE ${sql.raw(name.slice(5))} (x)`.execute(db)
      },
    },
  ]),
)
const upTo = (count: number) => Object.fromEntries(Object.entries(migrations).slice(0, count))

/** What Kysely's own Migrator does, with the first `count` migrations. */
const withKysely = (file: string, count: number) =>
  usingFile(file, async (client) => {
    const db = new Kysely({dialect: new LibsqlDialect({client})})
    return new Migrator({db, provider: {getMigrations: async () => upTo(count)}}).migrateToLatest()
  })

let runs = 0

async function withStrat(file: string, count: number): Promise<string[]> {
  await execute(file, 'PRAGMA journal_mode = WAL')
  runs += 1
  const recordings = await Promise.all(Object.entries(upTo(count)).map(([name, {up}]) => recordMigration({name, up, safeWithOpenPositions: false})))
  const work = {
    run: {id: `run-${runs}`, stratVersion: '0.0.0'},
    workFor: async (state: Parameters<typeof planMigrations>[1]) => ({recordings: planMigrations(recordings, state)}),
  }
  return usingDatabase({name: 'test', url: `file:${file}`}, async (database) => (await migrateDatabase(database, work)).applied)
}

describe("a ledger that Kysely's own Migrator began", () => {
  test.for<[title: string, timestamps: [string, string]]>([
    ['as it wrote it', ['', '']],
    ['with equal timestamps', ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z']],
    ['with a timestamp of the future', ['2026-01-01T00:00:00.000Z', '2999-01-01T00:00:00.000Z']],
    ['with the last timestamp of four digits', ['2026-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z']],
    ['with timestamps of SQLite', ['2026-01-01 00:00:00', '2026-01-01 00:00:01']],
  ])('%s: strat goes on with it, and Kysely after strat', async ([, timestamps], {folder}) => {
    const file = join(folder, 'test.db')
    expect((await withKysely(file, 2)).error).toBeUndefined()
    for (const [index, name] of ['0001_a', '0002_b'].entries()) {
      if (timestamps[0] !== '') await execute(file, `UPDATE kysely_migration SET timestamp = '${timestamps[index]}' WHERE name = '${name}'`)
    }
    expect(await withStrat(file, 3)).toEqual(['0003_c'])
    expect(await withStrat(file, 3)).toEqual([])
    expect(await withKysely(file, 3)).toEqual({error: undefined, results: []})
    expect(await withKysely(file, 4)).toEqual({error: undefined, results: [{direction: 'Up', migrationName: '0004_d', status: 'Success'}]})
    expect(await withStrat(file, 4)).toEqual([])
  })
})

test('the last timestamp that there is does not stop strat', async ({folder}) => {
  const file = join(folder, 'test.db')
  await withKysely(file, 2)
  await execute(file, "UPDATE kysely_migration SET timestamp = '+275760-09-13T00:00:00.000Z' WHERE name = '0002_b'")
  expect(await withStrat(file, 3)).toEqual(['0003_c'])
  expect(await withKysely(file, 3)).toEqual({error: undefined, results: []})
  expect(await withStrat(file, 4)).toEqual(['0004_d'])
})

test("timestamps that no clock can read stop Kysely's Migrator, and not strat", async ({folder}) => {
  const file = join(folder, 'test.db')
  await withKysely(file, 2)
  await execute(file, "UPDATE kysely_migration SET timestamp = 'yesterday'")
  expect((await withKysely(file, 2)).error).toMatchObject({message: expect.stringContaining('invalid timestamp')})
  expect(await withStrat(file, 3)).toEqual(['0003_c'])
  await execute(file, "UPDATE kysely_migration SET timestamp = '2026-01-01T00:00:00.000Z' WHERE timestamp = 'yesterday'")
  expect(await withKysely(file, 3)).toEqual({error: undefined, results: []})
})

test('the clock may jump back between two runs: the ledger still says in which order they were', async ({folder}) => {
  const file = join(folder, 'test.db')
  vi.useFakeTimers({toFake: ['Date'], now: new Date('2026-06-01')})
  try {
    await withStrat(file, 2)
    vi.setSystemTime(new Date('2020-01-01'))
    expect(await withStrat(file, 3)).toEqual(['0003_c'])
  } finally {
    vi.useRealTimers()
  }
  expect(await query(file, 'SELECT name FROM kysely_migration ORDER BY timestamp')).toEqual([{name: '0001_a'}, {name: '0002_b'}, {name: '0003_c'}])
  expect(await withKysely(file, 3)).toEqual({error: undefined, results: []})
})
