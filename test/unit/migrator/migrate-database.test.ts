import {join} from 'node:path'
import {type Kysely, sql} from 'kysely'
import {describe, expect} from 'vitest'
import {usingDatabase} from '../../../src/database/connect.ts'
import type {Database} from '../../../src/database/database.ts'
import {inspectDatabase} from '../../../src/database/inspect.ts'
import {migrateDatabase} from '../../../src/migrator/migrate-database.ts'
import type {Recording} from '../../../src/migrator/migration.ts'
import {planMigrations} from '../../../src/migrator/plan.ts'
import {recordMigration} from '../../../src/migrator/record.ts'
import {execute, query} from '../../helpers/database.ts'
import {test} from '../../helpers/test.ts'

// biome-ignore lint/suspicious/noExplicitAny: migrations are frozen in time and know no table types
type Db = Kysely<any>

/** Records migrations given as SQL texts, or as functions of their own. */
const recordAll = (migrations: Record<string, string[] | ((db: Db) => Promise<unknown>)>): Promise<Recording[]> =>
  Promise.all(
    Object.entries(migrations).map(([name, content]) =>
      recordMigration({
        name,
        safeWithOpenPositions: false,
        async up(db) {
          if (typeof content === 'function') await content(db as Db)
          else for (const statement of content) await sql.raw(statement).execute(db)
        },
      }),
    ),
  )

const migrate = (database: Database, recordings: Recording[], id = 'run-1') =>
  migrateDatabase(database, {run: {id, stratVersion: '0.0.0'}, workFor: async (state) => ({recordings: planMigrations(recordings, state)})})

/** Opens a new, empty libSQL file. */
async function usingNew<T>(folder: string, use: (database: Database, file: string) => Promise<T>): Promise<T> {
  const file = join(folder, 'test.db')
  await execute(file, 'PRAGMA journal_mode = WAL')
  return usingDatabase({name: 'test', url: `file:${file}`}, (database) => use(database, file))
}

describe('migrating one database', () => {
  test('applies everything in one request, keeps the bookkeeping, and finds nothing to do in one more', async ({folder}) => {
    await usingNew(folder, async (database, file) => {
      const recordings = await recordAll({'0001_a': ['CREATE TABLE a (x)'], '0002_b': ['INSERT INTO a VALUES (1)', 'INSERT INTO a VALUES (2)']})
      expect(await migrate(database, recordings)).toMatchObject({applied: ['0001_a', '0002_b']})
      expect(await query(file, 'SELECT x FROM a ORDER BY x')).toEqual([{x: 1}, {x: 2}])
      expect(await query(file, 'SELECT name, checksum, run_id, strat_version FROM strat_migration ORDER BY name')).toEqual(
        recordings.map(({name, checksum}) => ({name, checksum, run_id: 'run-1', strat_version: '0.0.0'})),
      )
      const before = database.requests
      expect(await migrate(database, recordings, 'run-2')).toMatchObject({applied: []})
      expect(database.requests - before).toBe(1)
    })
  })

  test('asks a database twice where there is something to do', async ({folder}) => {
    await usingNew(folder, async (database) => {
      const recordings = await recordAll({'0001_a': ['CREATE TABLE a (x)'], '0002_b': ['INSERT INTO a VALUES (1)']})
      await migrate(database, recordings.slice(0, 1))
      const before = database.requests
      await migrate(database, recordings)
      expect(database.requests - before).toBe(2)
    })
  })

  test('leaves nothing of a run in which one statement fails, and names it', async ({folder}) => {
    await usingNew(folder, async (database, file) => {
      const recordings = await recordAll({'0001_a': ['CREATE TABLE a (x)'], '0002_b': ['INSERT INTO a VALUES (1)', 'INSERT INTO nowhere VALUES (1)']})
      await expect(migrate(database, recordings)).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
        migration: '0002_b',
        statement: 'INSERT INTO nowhere VALUES (1)',
        message: '0002_b failed and was rolled back: no such table: nowhere.',
      })
      expect(await query(file, 'SELECT name FROM sqlite_schema')).toEqual([])
    })
  })

  test('takes a lost reply for what it is: the work is done, and done once', async ({folder}) => {
    await usingNew(folder, async (database, file) => {
      const recordings = await recordAll({'0001_a': ['CREATE TABLE a (x)', 'INSERT INTO a VALUES (1)']})
      const lossy = losingReply(database)
      expect(await migrate(lossy, recordings)).toMatchObject({applied: ['0001_a']})
      expect(await query(file, 'SELECT count(*) AS rows FROM a')).toEqual([{rows: 1}])
    })
  })

  test('does the work again where the request itself was lost', async ({folder}) => {
    await usingNew(folder, async (database, file) => {
      let lost = false
      const lossy = over(database, {
        migrate(statements) {
          if (lost) return database.migrate(statements)
          lost = true
          throw new TypeError('fetch failed')
        },
      })
      expect(await migrate(lossy, await recordAll({'0001_a': ['CREATE TABLE a (x)']}))).toMatchObject({applied: ['0001_a']})
      expect(await query(file, 'SELECT count(*) AS rows FROM kysely_migration')).toEqual([{rows: 1}])
    })
  })

  test('gives up on a database that never answers, with the cause', async ({folder}) => {
    await usingNew(folder, async (database) => {
      const cause = new TypeError('fetch failed')
      const dead = over(database, {migrate: () => Promise.reject(cause)})
      await expect(migrate(dead, await recordAll({'0001_a': ['CREATE TABLE a (x)']}))).rejects.toMatchObject({code: 'MIGRATION_RACE', cause})
    })
  })

  test('lets another runner that was faster win, and finds its work done', async ({folder}) => {
    await usingNew(folder, async (database, file) => {
      const recordings = await recordAll({'0001_a': ['CREATE TABLE a (x)'], '0002_b': ['INSERT INTO a VALUES (1)']})
      await migrate(database, recordings.slice(0, 1))
      // Between our reading and our writing, somebody else applies the same migration.
      let raced = false
      const late = over(database, {
        async migrate(statements) {
          if (!raced) {
            raced = true
            await migrate(database, recordings, 'the other run')
          }
          return database.migrate(statements)
        },
      })
      expect(await migrate(late, recordings, 'the late run')).toMatchObject({applied: []})
      expect(await query(file, 'SELECT count(*) AS rows FROM a')).toEqual([{rows: 1}])
    })
  })
})

test('goes on for as long as others get on with the same work', async ({folder}) => {
  await usingNew(folder, async (database, file) => {
    const steps = Array.from({length: 8}, (_, index): [string, string[]] => [`000${index + 2}_step`, [`INSERT INTO a VALUES (${index})`]])
    const recordings = await recordAll({'0001_a': ['CREATE TABLE a (x)'], ...Object.fromEntries(steps)})
    let others = 0
    const late = over(database, {
      async migrate(statements) {
        others += 1
        if (others < 8) await migrate(database, recordings.slice(0, others), 'the other run')
        return database.migrate(statements)
      },
    })
    expect(await migrate(late, recordings, 'the late run')).toMatchObject({applied: ['0008_step', '0009_step']})
    expect(await query(file, 'SELECT count(*) AS rows FROM a')).toEqual([{rows: 8}])
  })
})

describe('foreign keys', () => {
  const family = {
    '0001_family': [
      'CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT)',
      'CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id) ON DELETE CASCADE)',
      "INSERT INTO parent VALUES (1, 'a'), (2, 'b')",
      'INSERT INTO child VALUES (10, 1), (20, 2)',
    ],
  }

  test('a rebuilt table keeps its children', async ({folder}) => {
    await usingNew(folder, async (database, file) => {
      const rebuild = [
        'CREATE TABLE parent_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL)',
        'INSERT INTO parent_new SELECT * FROM parent',
        'DROP TABLE parent',
        'ALTER TABLE parent_new RENAME TO parent',
      ]
      await migrate(database, await recordAll({...family, '0002_rebuild': rebuild}))
      expect(await query(file, 'SELECT count(*) AS rows FROM child')).toEqual([{rows: 2}])
      expect(await query(file, 'PRAGMA foreign_key_check')).toEqual([])
    })
  })

  test.for<[string, string[] | ((db: Db) => Promise<unknown>)]>([
    ['an atomic', ['DELETE FROM parent WHERE id = 1']],
    [
      'an interactive',
      async (db: Db) => {
        await sql`SELECT 1`.execute(db)
        await sql`INSERT INTO child VALUES (30, 1)`.execute(db)
        await sql`PRAGMA defer_foreign_keys = ON`.execute(db)
        await sql`UPDATE child SET parent = 99 WHERE id = 30`.execute(db)
      },
    ],
  ])('%s migration that leaves orphans is rolled back', async ([, content], {folder}) => {
    await usingNew(folder, async (database, file) => {
      await migrate(database, await recordAll(family))
      await expect(migrate(database, await recordAll({...family, '0002_orphans': content}))).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
        migration: '0002_orphans',
      })
      expect(await query(file, 'SELECT count(*) AS rows FROM child WHERE parent IN (1, 2)')).toEqual([{rows: 2}])
      expect(await query(file, 'SELECT count(*) AS rows FROM kysely_migration')).toEqual([{rows: 1}])
    })
  })

  test('a migration that reads may not drop a table whose children would go with it', async ({folder}) => {
    await usingNew(folder, async (database, file) => {
      const drop = async (db: Db) => {
        await db.selectFrom('parent').selectAll().execute()
        await db.schema.dropTable('parent').execute()
      }
      await expect(migrate(database, await recordAll({...family, '0002_drop': drop}))).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
        message: expect.stringContaining('would change the rows of child'),
      })
      expect(await query(file, 'SELECT count(*) AS rows FROM child')).toEqual([{rows: 2}])
    })
  })
})

describe('a migration that reads', () => {
  const split = async (db: Db) => {
    const rows = await db.selectFrom('a').select('x').execute()
    for (const {x} of rows)
      await db
        .insertInto('b')
        .values({y: x * 10})
        .execute()
  }

  test('runs between the others, on what they made', async ({folder}) => {
    await usingNew(folder, async (database, file) => {
      const recordings = await recordAll({
        '0001_a': ['CREATE TABLE a (x)', 'CREATE TABLE b (y)', 'INSERT INTO a VALUES (1), (2)'],
        '0002_b': split,
        '0003_c': ['DELETE FROM a'],
      })
      expect(await migrate(database, recordings)).toMatchObject({applied: ['0001_a', '0002_b', '0003_c']})
      expect(await query(file, 'SELECT y FROM b ORDER BY y')).toEqual([{y: 10}, {y: 20}])
    })
  })

  test('is rolled back as a whole when it fails, and keeps what went before', async ({folder}) => {
    await usingNew(folder, async (database, file) => {
      const fails = async (db: Db) => {
        await split(db)
        await db.insertInto('nowhere').values({y: 1}).execute()
      }
      const recordings = await recordAll({'0001_a': ['CREATE TABLE a (x)', 'CREATE TABLE b (y)', 'INSERT INTO a VALUES (1)'], '0002_b': fails})
      await expect(migrate(database, recordings)).rejects.toMatchObject({
        migration: '0002_b',
        statement: expect.stringContaining('nowhere'),
        message: expect.stringContaining('no such table: nowhere'),
      })
      expect(await query(file, 'SELECT * FROM b')).toEqual([])
      expect((await inspectDatabase(database)).ledger).toEqual(['0001_a'])
    })
  })

  test('may use transactions and roll them back', async ({folder}) => {
    await usingNew(folder, async (database, file) => {
      const nested = async (db: Db) => {
        await db.selectFrom('a').selectAll().execute()
        await db.transaction().execute((trx) => trx.insertInto('a').values({x: 1}).execute())
        await db
          .transaction()
          .execute(async (trx) => {
            await trx.insertInto('a').values({x: 2}).execute()
            throw new Error('changed its mind')
          })
          .catch(() => undefined)
      }
      await migrate(database, await recordAll({'0001_a': ['CREATE TABLE a (x)'], '0002_b': nested}))
      expect(await query(file, 'SELECT x FROM a')).toEqual([{x: 1}])
    })
  })
})

const over = (database: Database, changed: Partial<Database>): Database => ({
  name: database.name,
  requests: 0,
  rows: null,
  read: (statements) => database.read(statements),
  write: (statements) => database.write(statements),
  migrate: (statements) => database.migrate(statements),
  transaction: (use) => database.transaction(use),
  ...changed,
})

/** The first transaction is committed, but its reply never comes. */
function losingReply(database: Database): Database {
  let lost = false
  return over(database, {
    async migrate(statements) {
      const results = await database.migrate(statements)
      if (lost) return results
      lost = true
      throw new TypeError('fetch failed')
    },
  })
}
