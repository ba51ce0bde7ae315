import {describe, expect} from 'vitest'
import {execute, query} from '../helpers/database.ts'
import {initial, migration, ownMigrations, snapshot, writeFiles} from '../helpers/files.ts'
import {databaseFile, makeFleet} from '../helpers/fleet.ts'
import {test} from '../helpers/test.ts'

const body = (text: string) => `import {sql} from 'kysely'\nexport async function up(db) {\n${text}\n}\n`

/** A strategy that has the first migration, and then another one. */
async function makePending(folder: string, next: string): Promise<void> {
  await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
  await makeFleet(folder, ['stage-a'])
  await writeFiles(folder, {'migrations/strategy/0002_next.ts': next})
}

const objects = (folder: string) =>
  query(databaseFile(folder, 'stage-a'), 'SELECT name, (SELECT count(*) FROM kysely_migration) AS executed FROM sqlite_schema ORDER BY name')

describe('a migration of no use changes no database:', () => {
  test.for<[string, string, string, number]>([
    ['that throws', body("throw new Error('boom')"), 'MIGRATION_INVALID', 78],
    ['that loops for ever', body('for (;;) {}'), 'MIGRATION_TIMED_OUT', 78],
    ['of two statements in one text', migration('CREATE TABLE a (x); CREATE TABLE b (x)'), 'MIGRATION_STATEMENT_REFUSED', 78],
    ['of raw SQL with two statements', body("await sql.raw('CREATE TABLE a (x); CREATE TABLE b (x)').execute(db)"), 'MIGRATION_STATEMENT_REFUSED', 78],
    ['with SQL that holds a NUL', body("await sql.raw('CREATE TABLE a (x)\\0').execute(db)"), 'MIGRATION_STATEMENT_REFUSED', 78],
    ['with a PRAGMA', migration('PRAGMA journal_mode = DELETE'), 'MIGRATION_STATEMENT_REFUSED', 78],
    ['with VACUUM', migration('VACUUM'), 'MIGRATION_STATEMENT_REFUSED', 78],
    ['with ATTACH', migration("ATTACH 'other.db' AS other"), 'MIGRATION_STATEMENT_REFUSED', 78],
    ['with BEGIN', migration('BEGIN', 'CREATE TABLE a (x)', 'COMMIT'), 'MIGRATION_STATEMENT_REFUSED', 78],
    ['with a syntax error in its SQL', migration('CREATE TABEL a (x)'), 'REHEARSAL_FAILED', 1],
  ])('%s', async ([, next, code, exit], {folder, strat}) => {
    await makePending(folder, next)
    const before = await objects(folder)
    const result = await strat('migrate --all --yes --json')
    expect({exit: result.code, code: result.json.error?.code, names: result.json.error?.message.includes('0002_next')}).toEqual({exit, code, names: true})
    expect(await objects(folder)).toEqual(before)
  })

  test('but a trigger with semicolons, a transaction, a value with a NUL and a huge statement are of use', async ({folder, strat}) => {
    const rows = Array.from({length: 2000}, (_, index) => `(${index}, '${'x'.repeat(100)}')`).join(', ')
    await makePending(
      folder,
      body(`  await db.transaction().execute(async (trx) => { await sql\`CREATE TABLE "größe 💰" (id, text)\`.execute(trx) })
  await sql\`CREATE TRIGGER t AFTER INSERT ON "größe 💰" BEGIN UPDATE portfolio_state SET free_margin = 1; UPDATE portfolio_state SET daily_stop_loss = 2; END\`.execute(db)
  await sql\`INSERT INTO "größe 💰" VALUES ${rows}\`.execute(db)
  await sql\`INSERT INTO "größe 💰" VALUES (-1, \${'a\\0b'})\`.execute(db)`),
    )
    const {code, json} = await strat('migrate --all --json')
    expect({code, databases: json.databases}).toMatchObject({code: 0, databases: [{status: 'applied'}]})
    expect(
      await query(
        databaseFile(folder, 'stage-a'),
        'SELECT count(*) AS rows, (SELECT free_margin + daily_stop_loss FROM portfolio_state) AS sum FROM "größe 💰"',
      ),
    ).toEqual([{rows: 2001, sum: 3}])
  })
})

/** With the code and the exit code of each. */
const wrongUses = [
  ['migrate --all --shard 0/4', 'USAGE', 2],
  ['migrate --all --shard 5/4', 'USAGE', 2],
  ['migrate --all --shard a/b', 'USAGE', 2],
  ['migrate --all --max-failures 200%', 'USAGE', 2],
  ['migrate --all --max-failures -1', 'USAGE', 2],
  ['migrate --all --max-failures 1.5', 'USAGE', 2],
  ['migrate --all --wave=', 'USAGE', 2],
  ['migrate --all --concurrency 0', 'USAGE', 2],
  ['migrate --all --concurrency 1001', 'USAGE', 2],
  ['migrate --all --run a/b', 'USAGE', 2],
  ['migrate --all --run adopt-1', 'USAGE', 2],
  ['migrate undo', 'USAGE', 2],
  ['migrate undo --run nobody', 'RUN_UNKNOWN', 1],
  ['migrate --all --to 0009_x', 'MIGRATION_UNKNOWN', 2],
  ['migrate --all --stage live', 'SELECTION_EMPTY', 2],
  ['migrate --all --stage paper', 'USAGE', 2],
  ['migrate --all --kind archive', 'SELECTION_EMPTY', 2],
  ['migrate plan stage-a stage-a', 'USAGE', 2],
  ['migrate status stage-aa', 'STRATEGY_NOT_FOUND', 1],
] as const

test('wrong uses are told apart, each with a way out, and change nothing', async ({folder, strat}) => {
  await makeFleet(folder, ['stage-a'])
  const before = await snapshot(folder)
  for (const [args, code, exit] of wrongUses) {
    const {code: status, json} = await strat(`${args} --json`)
    expect({args, code: json.error?.code, exit: status}).toEqual({args, code, exit})
    expect(json.error.suggestions, args).not.toEqual([])
    expect(json.error.message).not.toMatch(/Parsing --|--help/)
  }
  expect(await snapshot(folder)).toEqual(before)
})

test.for([
  [{market: {timeZone: 'Asia/Calcuttaa'}}, 'market.timeZone'],
  [{market: {open: '15:30', close: '09:15'}}, 'the market must open before it closes'],
  [{market: {open: '9:15'}}, 'market.open'],
  [{market: {holidays: ['26/01/2026']}}, 'market.holidays'],
  [{market: {holidays: ['2026-02-30']}}, 'market.holidays'],
  [{market: {days: ['Montag']}}, 'market.days'],
  [{waves: 'live-*'}, 'waves'],
  [{waves: ['']}, 'waves'],
  [{concurrency: 0}, 'concurrency'],
] as const)('a configuration with %j is refused', async ([config, names], {folder, strat}) => {
  await writeFiles(folder, {'strat.config.json': JSON.stringify(config)})
  const {code, json} = await strat('migrate --all --json')
  expect({code, error: json.error}).toMatchObject({code: 78, error: {code: 'CONFIG_INVALID', message: expect.stringContaining(names)}})
})

test('--to what is behind the ledger leaves that database alone, and says so', async ({folder, strat}) => {
  await writeFiles(folder, ownMigrations({'0001_initial.ts': initial, '0002_note.ts': migration('ALTER TABLE trade_logs ADD COLUMN note TEXT')}))
  await makeFleet(folder, ['stage-a'])
  const {code, json} = await strat('migrate --all --to 0001_initial --json')
  expect({code, databases: json.databases}).toMatchObject({
    code: 0,
    databases: [{name: 'stage-a', status: 'skipped', code: 'MIGRATION_BEHIND', reason: '0001_initial is behind what is executed already: 0002_note.'}],
  })
})

test('a command that takes no argument, or no more, names itself whole and not what was typed', async ({strat}) => {
  for (const [args, message, suggestion] of [
    ['config s3cret', 'strat config takes no argument.', 'strat config --help'],
    ['migrate new one two', 'Unexpected argument: two', 'strat migrate new --help'],
    ['migrate plan --frob', 'Nonexistent flag: --frob', 'strat migrate plan --help'],
    ['migrate undo --runn x', 'Nonexistent flag: --runn', '--run'],
  ] as const) {
    const {code, json} = await strat(`${args} --json`)
    expect({args, code, error: json.error}).toMatchObject({
      args,
      code: 2,
      error: {code: 'USAGE', message: expect.stringContaining(message), suggestions: [suggestion]},
    })
  }
})

test('a database whose bookkeeping somebody changed fails alone, and blames no migration', async ({folder, strat}) => {
  await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
  await makeFleet(folder, ['stage-a', 'stage-b'])
  await writeFiles(folder, {'migrations/strategy/0002_next.ts': migration('CREATE TABLE a (x)')})
  await execute(databaseFile(folder, 'stage-a'), 'DROP TABLE strat_migration', 'CREATE TABLE strat_migration (a TEXT)')
  const {code, json} = await strat('migrate --all --json')
  expect({code, databases: json.databases}).toMatchObject({
    code: 3,
    databases: [
      {name: 'stage-a', status: 'failed', code: 'SCHEMA_UNUSABLE', reason: expect.stringContaining('stage-a')},
      {name: 'stage-b', status: 'applied'},
    ],
  })
})

test('a database of a kind that nobody knows is not taken for a strategy', async ({folder, strat}) => {
  await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
  await makeFleet(folder, ['stage-a'])
  await writeFiles(folder, {'migrations/strategy/0002_next.ts': migration('CREATE TABLE a (x)')})
  await execute(databaseFile(folder, 'stage-a'), "UPDATE strat_meta SET kind = 'portfolio'")
  const {code, json} = await strat('migrate --all --json')
  expect({code, databases: json.databases}).toMatchObject({code: 3, databases: [{code: 'STORAGE_NEWER', reason: expect.stringContaining('portfolio')}]})
})
