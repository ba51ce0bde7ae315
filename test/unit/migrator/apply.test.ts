import {join} from 'node:path'
import {LibsqlDialect} from '@libsql/kysely-libsql'
import fc from 'fast-check'
import {Kysely, sql} from 'kysely'
import {Migrator} from 'kysely/migration'
import {expect} from 'vitest'
import {usingDatabase} from '../../../src/database/connect.ts'
import {inspectDatabase} from '../../../src/database/inspect.ts'
import {migrateDatabase} from '../../../src/migrator/migrate-database.ts'
import type {Procedure, Recording} from '../../../src/migrator/migration.ts'
import {planMigrations} from '../../../src/migrator/plan.ts'
import {recordDown, recordMigration} from '../../../src/migrator/record.ts'
import {execute, query, usingFile} from '../../helpers/database.ts'
import {test} from '../../helpers/test.ts'

/** A step of a migration, and what takes it back exactly. */
type Step = {up: string[]; down: string[]}
type Named = {name: string; up: Procedure; down: Procedure}

const table = fc.constantFrom('alpha', 'beta')
const value = fc.integer({min: 1, max: 9})

/**
 * Steps on two tables of a parent and its children. A rebuild is one of the child: Kysely's Migrator runs with foreign keys on, and would
 * take the children of a rebuilt parent with it.
 */
const step: fc.Arbitrary<(id: number) => Step> = fc.oneof(
  table.map((name) => (id: number) => ({
    up: [`ALTER TABLE ${name} ADD COLUMN c${id} TEXT DEFAULT 'it''s; new'`],
    down: [`ALTER TABLE ${name} DROP COLUMN c${id}`],
  })),
  table.map((name) => (id: number) => ({up: [`CREATE INDEX i${id} ON ${name} (n)`], down: [`DROP INDEX i${id}`]})),
  fc.tuple(table, value).map(([name, by]) => () => ({up: [`UPDATE ${name} SET n = n + ${by} * id`], down: [`UPDATE ${name} SET n = n - ${by} * id`]})),
  value.map((n) => (id: number) => ({up: [`INSERT INTO alpha (id, n) VALUES (${100 + id}, ${n})`], down: [`DELETE FROM alpha WHERE id = ${100 + id}`]})),
  table.map((name) => (id: number) => ({up: [`CREATE VIEW v${id} AS SELECT id, n FROM ${name}`], down: [`DROP VIEW v${id}`]})),
  table.map((name) => (id: number) => ({
    up: [`CREATE TRIGGER t${id} AFTER INSERT ON ${name} BEGIN UPDATE ${name} SET n = n + 1 WHERE id = NEW.id; SELECT 1; END`],
    down: [`DROP TRIGGER t${id}`],
  })),
  fc.constant((id: number) => ({
    up: [
      `CREATE TABLE child_${id} (id INTEGER PRIMARY KEY, alpha INTEGER NOT NULL REFERENCES alpha (id) ON DELETE CASCADE)`,
      `INSERT INTO child_${id} SELECT id, id FROM alpha`,
      `CREATE TABLE child_new (id INTEGER PRIMARY KEY, alpha INTEGER REFERENCES alpha (id) ON DELETE SET NULL, note TEXT)`,
      `INSERT INTO child_new (id, alpha) SELECT id, alpha FROM child_${id}`,
      `DROP TABLE child_${id}`,
      `ALTER TABLE child_new RENAME TO child_${id}`,
    ],
    down: [`DROP TABLE child_${id}`],
  })),
)

const executing =
  (statements: string[]): Procedure =>
  async (db) => {
    for (const statement of statements) await sql.raw(statement).execute(db)
  }

const first: Named = {
  name: '0000_first',
  up: executing(['CREATE TABLE alpha (id INTEGER PRIMARY KEY, n)', 'CREATE TABLE beta (id INTEGER PRIMARY KEY, n)', 'INSERT INTO alpha VALUES (1, 1), (2, 2)']),
  down: executing(['DROP TABLE alpha', 'DROP TABLE beta']),
}

/** Two to five migrations of one to four steps each. */
const migrationSet: fc.Arbitrary<Named[]> = fc.array(fc.array(step, {minLength: 1, maxLength: 4}), {minLength: 1, maxLength: 4}).map((all) => [
  first,
  ...all.map((makers, index) => {
    const steps = makers.map((make, position) => make(index * 10 + position))
    const down = steps.toReversed().flatMap((each) => each.down)
    return {name: `000${index + 1}_next`, up: executing(steps.flatMap(({up}) => up)), down: executing(down)}
  }),
])

const record = (set: Named[]): Promise<Recording[]> => Promise.all(set.map((migration) => recordMigration({...migration, safeWithOpenPositions: false})))

/** All that is in a database but the bookkeeping: its schema, and the rows of its tables. */
async function contentOf(file: string): Promise<unknown> {
  const own = "name NOT LIKE 'sqlite_%' AND name NOT LIKE 'kysely_%' AND name NOT LIKE 'strat_%'"
  const schema = await query(file, `SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE ${own} ORDER BY type, name`)
  const tables = schema.filter(({type}) => type === 'table').map(({name}) => String(name))
  return {schema, rows: await Promise.all(tables.map((name) => query(file, `SELECT * FROM ${name} ORDER BY id`)))}
}

const withStrat = (file: string, recordings: Recording[], run: string) =>
  usingDatabase({name: 'test', url: `file:${file}`}, (database) =>
    migrateDatabase(database, {run: {id: run, stratVersion: '0.0.0'}, workFor: async (state) => ({recordings: planMigrations(recordings, state)})}),
  )

/** Undoes what a run applied. */
const undo = (file: string, set: Named[], recordings: Recording[], run: string) =>
  usingDatabase({name: 'test', url: `file:${file}`}, async (database) => {
    const state = await inspectDatabase(database)
    const byRun = recordings.filter(({name}) => state.applied.some((applied) => applied.name === name && applied.runId === run)).toReversed()
    const downs = await Promise.all(
      byRun.map(async ({name, checksum, safeWithOpenPositions}): Promise<Recording> => {
        const down = await recordDown(set.find((migration) => migration.name === name) ?? first)
        if (down?.mode !== 'atomic') return expect.unreachable()
        return {name, checksum, safeWithOpenPositions, mode: 'atomic', statements: down.statements}
      }),
    )
    await migrateDatabase(database, {run: {id: run, stratVersion: '0.0.0'}, workFor: async () => ({recordings: downs, isUndo: true})})
  })

async function withKysely(file: string, set: Named[]): Promise<void> {
  await usingFile(file, async (client) => {
    const migrator = new Migrator({
      db: new Kysely({dialect: new LibsqlDialect({client})}),
      provider: {getMigrations: async () => Object.fromEntries(set.map(({name, up}) => [name, {up}]))},
    })
    expect((await migrator.migrateToLatest()).error).toBeUndefined()
  })
}

let files = 0

/** A new, empty libSQL file. */
async function newFile(folder: string): Promise<string> {
  files += 1
  const file = join(folder, `${files}.db`)
  await execute(file, 'PRAGMA journal_mode = WAL')
  return file
}

test("any migrations: what strat records and applies, at once or in two runs, is what Kysely's Migrator executes", {timeout: 120_000}, async ({folder}) => {
  await fc.assert(
    fc.asyncProperty(migrationSet, fc.nat(5), async (set, part) => {
      const [ours, theirs] = [await newFile(folder), await newFile(folder)]
      const recordings = await record(set)
      await withStrat(ours, recordings.slice(0, part), 'run-1')
      await withStrat(ours, recordings, 'run-2')
      await withKysely(theirs, set)
      expect(await contentOf(ours)).toEqual(await contentOf(theirs))
    }),
    {numRuns: 15},
  )
})

test('any migrations: they are recorded the same each time', async () => {
  await fc.assert(
    fc.asyncProperty(migrationSet, async (set) => {
      const parts = (recordings: Recording[]) => recordings.map(({up: _, down: __, ...rest}: Recording & {up?: unknown}) => rest)
      expect(parts(await record(set))).toEqual(parts(await record(set)))
    }),
    {numRuns: 10},
  )
})

test('any migrations: undoing a run restores schema and rows', {timeout: 120_000}, async ({folder}) => {
  await fc.assert(
    fc.asyncProperty(migrationSet, async (set) => {
      const file = await newFile(folder)
      const recordings = await record(set)
      await withStrat(file, recordings.slice(0, 2), 'run-1')
      const before = await contentOf(file)
      await withStrat(file, recordings, 'run-2')
      await undo(file, set, recordings, 'run-2')
      expect(await contentOf(file)).toEqual(before)
    }),
    {numRuns: 15},
  )
})
