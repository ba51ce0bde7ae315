import {type Kysely, sql} from 'kysely'
import {describe, expect, test} from 'vitest'
import type {Procedure} from '../../../src/migrator/migration.ts'
import {recordMigration} from '../../../src/migrator/record.ts'

// biome-ignore lint/suspicious/noExplicitAny: migrations are frozen in time and know no table types
type Db = Kysely<any>

const record = (up: (db: Db) => Promise<unknown>) =>
  recordMigration({
    name: '0002_test',
    safeWithOpenPositions: false,
    up: async (db) => {
      await up(db)
    },
  })

const statementsOf = async (up: (db: Db) => Promise<unknown>) => {
  const recording = await record(up)
  return recording.mode === 'atomic' ? recording.statements.map(({sql}) => sql) : recording.reason
}

describe('recording', () => {
  test('keeps the SQL and the parameters, in order', async () => {
    const recording = await record(async (db) => {
      await db.schema.alterTable('t').addColumn('note', 'text').execute()
      await db.updateTable('t').set({note: 'x'}).where('id', '=', 7).execute()
    })
    expect(recording).toMatchObject({
      mode: 'atomic',
      statements: [
        {sql: 'alter table "t" add column "note" text', args: []},
        {sql: 'update "t" set "note" = ? where "id" = ?', args: ['x', 7]},
      ],
    })
  })

  test('keeps bytes and dates as they were when they were sent', async () => {
    const recording = await record(async (db) => {
      const [bytes, date] = [new Uint8Array([0]), new Date(0)]
      for (let day = 1; day <= 2; day += 1) {
        bytes.fill(day)
        date.setUTCDate(day)
        await sql`INSERT INTO t VALUES (${bytes}, ${date})`.execute(db)
      }
    })
    expect(recording).toMatchObject({
      statements: [{args: [new Uint8Array([1]), new Date('1970-01-01T00:00:00Z')]}, {args: [new Uint8Array([2]), new Date('1970-01-02T00:00:00Z')]}],
    })
  })

  test.for<[string, Procedure]>([
    ['returns a query that it does not execute', (db) => db.schema.createTable('t').addColumn('x', 'text') as never],
    [
      'is a generator',
      async function* (db: Db) {
        yield await sql`DELETE FROM t`.execute(db)
      } as never,
    ],
  ])('refuses a migration that %s: nothing of it would be done', async ([, up]) => {
    await expect(recordMigration({name: '0002_test', safeWithOpenPositions: false, up})).rejects.toMatchObject({code: 'MIGRATION_INVALID'})
  })

  test('flattens transactions, and forgets what they roll back', async () => {
    const statements = await statementsOf(async (db) => {
      await db.transaction().execute((trx) => sql`DELETE FROM a`.execute(trx))
      await db
        .transaction()
        .execute(async (trx) => {
          await sql`DELETE FROM b`.execute(trx)
          throw new Error('changed its mind')
        })
        .catch(() => undefined)
      await sql`DELETE FROM c`.execute(db)
    })
    expect(statements).toEqual(['DELETE FROM a', 'DELETE FROM c'])
  })

  test('forgets what a savepoint rolls back', async () => {
    const statements = await statementsOf(async (db) => {
      const trx = await db.startTransaction().execute()
      await sql`DELETE FROM a`.execute(trx)
      const inner = await trx.savepoint('s').execute()
      await sql`DELETE FROM b`.execute(inner)
      const back = await inner.rollbackToSavepoint('s').execute()
      await back.commit().execute()
    })
    expect(statements).toEqual(['DELETE FROM a'])
  })

  test('leaves out the switch for foreign keys, which strat throws itself', async () => {
    expect(await statementsOf(async (db) => Promise.all([sql`PRAGMA foreign_keys = OFF`.execute(db), sql`DELETE FROM a`.execute(db)]))).toEqual([
      'DELETE FROM a',
    ])
  })

  test.each<[string, (db: Db) => Promise<unknown>]>([
    ['a select', (db) => db.selectFrom('t').selectAll().execute()],
    ['a row that must be there', (db) => db.selectFrom('t').selectAll().executeTakeFirstOrThrow()],
    ['returning', (db) => db.insertInto('t').values({id: 1}).returning('id').execute()],
    ['introspection', (db) => db.introspection.getTables()],
    ['a raw pragma', (db) => sql`PRAGMA table_info(t)`.execute(db)],
    ['a raw with', (db) => sql`WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x`.execute(db)],
    ['a stream', async (db) => Array.fromAsync(db.selectFrom('t').selectAll().stream())],
    [
      'the count of affected rows',
      async (db) => {
        const {numUpdatedRows} = await db.updateTable('t').set({a: 1}).executeTakeFirstOrThrow()
        if (numUpdatedRows === 0n) await sql`DELETE FROM t`.execute(db)
      },
    ],
    [
      'the id of an inserted row',
      async (db) => {
        const {insertId} = await db.insertInto('t').values({a: 1}).executeTakeFirstOrThrow()
        await db.insertInto('u').values({t: insertId}).execute()
      },
    ],
    ['chance', (db) => db.insertInto('t').values({id: Math.random()}).execute()],
  ])('a migration that depends on %s is interactive', async (_, up) => {
    expect(await record(up)).toMatchObject({mode: 'interactive'})
  })

  test.each<[string, (db: Db) => Promise<unknown>, string]>([
    ['BEGIN', (db) => sql`BEGIN`.execute(db), 'BEGIN, which cannot be part of a transaction'],
    ['VACUUM', (db) => sql`vacuum`.execute(db), 'VACUUM, which cannot be part'],
    ['ATTACH', (db) => sql`ATTACH 'x' AS y`.execute(db), 'ATTACH, which cannot be part'],
    ['two statements', (db) => sql.raw('DELETE FROM a; DELETE FROM b').execute(db), 'several statements'],
    ['nothing', (db) => sql.raw(' -- nothing').execute(db), 'an empty statement'],
    ['a NUL', (db) => sql.raw("DELETE FROM a WHERE b = '\0'").execute(db), 'a NUL character'],
    ['an undefined parameter', (db) => sql`DELETE FROM a WHERE b = ${undefined}`.execute(db), 'no value of SQLite'],
    ['too large an integer', (db) => sql`DELETE FROM a WHERE b = ${2n ** 70n}`.execute(db), 'no value of SQLite (1180591620717411303424)'],
    ['an invalid date', (db) => sql`DELETE FROM a WHERE b = ${new Date('x')}`.execute(db), 'no value of SQLite (an invalid date)'],
    ['a PRAGMA that sets something', (db) => sql`PRAGMA journal_mode = DELETE`.execute(db), 'a PRAGMA that sets something'],
    ['the ledger', (db) => db.deleteFrom('kysely_migration').execute(), 'a statement on kysely_migration'],
    ['the marker', (db) => db.schema.dropTable('strat_meta').execute(), 'a statement on strat_meta'],
    ['the ledger, with its name in single quotes', (db) => sql`DELETE FROM 'kysely_migration'`.execute(db), 'a statement on kysely_migration'],
    ['a PRAGMA that sets something in brackets', (db) => sql`PRAGMA journal_mode(DELETE)`.execute(db), 'a PRAGMA that a server refuses'],
    ['the version of the user', (db) => sql`PRAGMA main.user_version(7)`.execute(db), 'a PRAGMA that sets something'],
    ['PRAGMA writable_schema', (db) => sql`PRAGMA writable_schema = ON`.execute(db), 'a PRAGMA that sets something'],
    ['PRAGMA optimize', (db) => sql`PRAGMA optimize`.execute(db), 'a PRAGMA that a server refuses'],
    ['ANALYZE', (db) => sql`analyze t`.execute(db), 'ANALYZE, which a server refuses'],
    ['REINDEX', (db) => sql`REINDEX`.execute(db), 'REINDEX, which a server refuses'],
    ['a temporary table', (db) => db.schema.createTable('t').temporary().addColumn('a', 'text').execute(), 'a temporary object'],
    ['a temporary view', (db) => sql`CREATE /* */ TEMPORARY VIEW v AS SELECT 1`.execute(db), 'a temporary object'],
    ['a temporary trigger', (db) => sql`CREATE TEMP TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END`.execute(db), 'a temporary object'],
    ['a table in the temporary database', (db) => sql`CREATE TABLE temp.t (a)`.execute(db), 'a temporary object'],
    ['load_extension', (db) => sql`SELECT load_extension('x')`.execute(db), 'load_extension, which reaches beyond the database'],
    ['only semicolons', (db) => sql.raw(';;').execute(db), 'an empty statement'],
    ['a semicolon first', (db) => sql.raw('; DELETE FROM a').execute(db), 'several statements'],
    [
      'a text too long',
      (db) =>
        db
          .insertInto('t')
          .values({a: 'ä'.repeat(2_500_001)})
          .execute(),
      'a value of 5,000,002 bytes, where a server takes 5,000,000',
    ],
    [
      'too many bytes',
      (db) =>
        db
          .insertInto('t')
          .values({a: new Uint8Array(5_000_001)})
          .execute(),
      'a value of 5,000,001 bytes',
    ],
    ['too many parameters', (db) => sql`SELECT ${sql.join(Array(32_767).fill(1))}`.execute(db), '32,767 parameters, where SQLite takes 32,766'],
    ['a NaN', (db) => db.insertInto('t').values({a: Number.NaN}).execute(), 'no value of SQLite (NaN)'],
  ])('%s is refused', async (_, up, message) => {
    await expect(record(up)).rejects.toMatchObject({code: 'MIGRATION_STATEMENT_REFUSED', message: expect.stringContaining(message)})
  })

  test('takes what only looks like something to refuse', async () => {
    const statements = [
      'CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a = 1; DELETE FROM u; END',
      "INSERT INTO t VALUES ('BEGIN; COMMIT; VACUUM') -- ; ATTACH",
      'CREATE TABLE "vacuum" ("temp" text, [pragma] text)',
      'SELECT 1;',
    ]
    for (const statement of statements) expect(await record((db) => sql.raw(statement).execute(db))).toMatchObject({name: '0002_test'})
    const most = await record((db) =>
      db
        .insertInto('t')
        .values({a: 'a'.repeat(5_000_000), b: new Uint8Array(5_000_000)})
        .execute(),
    )
    expect(most).toMatchObject({mode: 'atomic'})
  })

  test.each<[string, (db: Db) => Promise<unknown>]>([
    ['in a forEach', async (db) => ['a', 'b'].forEach(async (table) => void (await sql`DELETE FROM ${sql.table(table)}`.execute(db)))],
    [
      'after a turn',
      async (db) =>
        void Promise.resolve()
          .then(() => new Promise(setImmediate))
          .then(() => sql`DELETE FROM a`.execute(db)),
    ],
  ])('a statement that is not waited for, %s, is refused', async (_, up) => {
    await expect(record(up)).rejects.toMatchObject({
      code: 'MIGRATION_INVALID',
      message: expect.stringContaining('returns before all of its statements are sent'),
    })
  })

  test('a migration that looks at the clock is interactive, also where it looks at the day only', async () => {
    for (const now of [() => new Date().toISOString().slice(0, 10), () => Date.now(), () => new Date()]) {
      expect(await record((db) => sql`UPDATE t SET a = ${now()}`.execute(db))).toMatchObject({mode: 'interactive', reason: 'its SQL is not the same each time'})
    }
    const before = new Date('2026-01-01')
    expect(await record((db) => sql`UPDATE t SET a = ${before instanceof Date ? before : 0}`.execute(db))).toMatchObject({
      mode: 'atomic',
      statements: [{args: [before]}],
    })
    expect(await record((db) => sql`UPDATE t SET a = ${Date()}`.execute(db))).toMatchObject({mode: 'interactive'})
    expect(Math.abs(Date.now() - performance.timeOrigin - performance.now())).toBeLessThan(5000)
  })

  test('a migration that sends statements without end is refused', async () => {
    await expect(
      record(async (db) => {
        for (;;) await sql`DELETE FROM a`.execute(db)
      }),
    ).rejects.toMatchObject({
      code: 'MIGRATION_INVALID',
      message: 'The migration 0002_test sends more than 10,000 statements.',
    })
  })

  test('an error in the migration names the migration', async () => {
    await expect(record(() => Promise.reject(new Error('boom')))).rejects.toMatchObject({
      code: 'MIGRATION_INVALID',
      message: 'The "up" of migration 0002_test throws: boom.',
    })
  })
})

describe('the checksum', () => {
  const checksum = async (up: (db: Db) => Promise<unknown>) => (await record(up)).checksum

  test('stays when the code changes but not its SQL', async () => {
    const one = await checksum((db) => sql`DELETE FROM t WHERE a = ${1}`.execute(db))
    expect(await checksum((db) => sql.raw('DELETE FROM t WHERE a = ?').execute(db))).not.toBe(one)
    expect(await checksum(async (db) => void (await db.executeQuery(sql`DELETE FROM t WHERE a = ${1}`.compile(db))))).toBe(one)
  })

  test('changes with a parameter, and with its type', async () => {
    const sums = await Promise.all(
      [1, 2, '1', 1n, null, true, new Date(1), new Uint8Array([1])].map((value) => checksum((db) => sql`DELETE FROM t WHERE a = ${value}`.execute(db))),
    )
    expect(new Set(sums).size).toBe(sums.length)
  })

  test('of an interactive migration takes no notice of white space', async () => {
    const up = (db: Db) => db.selectFrom('t').selectAll().execute()
    const source = (text: string) => Object.assign(async (db: Db) => void (await up(db)), {toString: () => text})
    const of = async (text: string) => (await recordMigration({name: 'x', up: source(text), safeWithOpenPositions: false})).checksum
    expect(await of('a( b )')).toBe(await of('a(b)'))
    expect(await of('a(b)')).not.toBe(await of('a(c)'))
  })
})
