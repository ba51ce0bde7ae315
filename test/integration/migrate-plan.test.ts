import {rm} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {execute, query} from '../helpers/database.ts'
import {initial, migration, ownMigrations, writeFiles} from '../helpers/files.ts'
import {copyStrategy, databaseFile, makeFleet} from '../helpers/fleet.ts'
import {test} from '../helpers/test.ts'

const addNote = 'ALTER TABLE trade_logs ADD COLUMN note TEXT'
const rebuild = [
  'CREATE TABLE new_trade_logs (id TEXT PRIMARY KEY, symbol TEXT NOT NULL, note TEXT)',
  'INSERT INTO new_trade_logs (id, symbol, note) SELECT id, symbol, note FROM trade_logs',
  'DROP TABLE trade_logs',
  'ALTER TABLE new_trade_logs RENAME TO trade_logs',
]
/** Parameters that only look alike in SQL. */
const insertsParameters = `import {sql} from 'kysely'
export const up = (db) => sql\`INSERT INTO trade_logs (id, symbol, note) VALUES (\${1.5}, \${"it's"}, \${null})\`.execute(db)
`

/** Two fresh strategies, one that is a migration ahead, one of those with a table made by hand; then the other migrations. */
async function makeThreeKinds(folder: string): Promise<void> {
  await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
  await makeFleet(folder, ['stage-a', 'live-b'])
  await writeFiles(folder, {'migrations/strategy/0002_note.ts': migration(addNote)})
  await makeFleet(folder, ['stage-ahead', 'stage-drifted'])
  await execute(databaseFile(folder, 'stage-drifted'), 'CREATE TABLE notizen_ä (x)')
  await writeFiles(folder, {
    'migrations/strategy/0003_rebuild.ts': migration(...rebuild),
    'migrations/strategy/0004_capital.ts': insertsParameters,
    'migrations/strategy/0005_reads.ts': `${migration('SELECT 1')}export const safeWithOpenPositions = true\n`,
  })
}

/** Everything that a run could change in these databases. */
const contents = (folder: string, names: string[]) =>
  Promise.all(
    names.map((name) =>
      query(databaseFile(folder, name), 'SELECT name, sql, (SELECT group_concat(name) FROM kysely_migration) AS ledger FROM sqlite_schema ORDER BY name'),
    ),
  )

const everyName = ['live-b', 'stage-a', 'stage-ahead', 'stage-drifted']

describe('strat migrate plan', () => {
  test('shows each class once, with its members, the exact SQL, and what is to be known of it; it writes nothing', async ({folder, strat}) => {
    await makeThreeKinds(folder)
    const before = await contents(folder, everyName)
    const {code, json} = await strat('migrate plan --json')
    expect(code).toBe(0)
    expect(
      json.classes.map(({databases, executed, migrations}: {databases: string[]; executed: string[]; migrations: {name: string}[]}) => [
        databases,
        executed,
        migrations.map(({name}) => name),
      ]),
    ).toEqual([
      [['live-b', 'stage-a'], ['0001_initial'], ['0002_note', '0003_rebuild', '0004_capital', '0005_reads']],
      [['stage-ahead'], ['0001_initial', '0002_note'], ['0003_rebuild', '0004_capital', '0005_reads']],
      [['stage-drifted'], ['0001_initial', '0002_note'], []],
    ])
    const [first, , drifted] = json.classes
    expect(first.migrations).toMatchObject([
      {name: '0002_note', mode: 'atomic', statements: [{sql: addNote, args: []}], rebuilds: [], destructive: []},
      {
        name: '0003_rebuild',
        statements: rebuild.map((sql) => ({sql})),
        rebuilds: ['trade_logs'],
        destructive: [{statement: 2, reason: expect.stringContaining('trade_logs')}],
      },
      {name: '0004_capital', statements: [{args: [1.5, "it's", null]}]},
      {name: '0005_reads', mode: 'interactive', reason: expect.any(String), statements: [], safeWithOpenPositions: true},
    ])
    expect(drifted).toMatchObject({obstacle: {code: 'SCHEMA_DRIFTED', status: 'skipped'}, drift: [{type: 'table', name: 'notizen_ä'}]})
    expect(await contents(folder, everyName)).toEqual(before)
  })

  test('is for people the same text as --dry-run, which writes nothing either', async ({folder, strat}) => {
    await makeThreeKinds(folder)
    const before = await contents(folder, everyName)
    const plan = await strat('migrate plan')
    const dry = await strat('migrate --all --dry-run')
    expect(plan.stdout.split('\n\n')[0]?.split('\n')).toEqual([
      '2 databases (live-b, stage-a), strategy, 1 executed:',
      '  0002_note',
      `    ${addNote};`,
      '  0003_rebuild (rebuilds trade_logs)',
      `    ${rebuild[0]};`,
      `    ${rebuild[1]};`,
      '    DROP TABLE trade_logs;',
      expect.stringMatching(/^ {4}destructive: drops the table trade_logs, of which the columns .*pnl.* are not copied$/),
      `    ${rebuild[3]};`,
      '  0004_capital',
      "    INSERT INTO trade_logs (id, symbol, note) VALUES (?, ?, ?); -- 1.5, 'it''s', null",
      expect.stringMatching(/^ {2}0005_reads \(interactive: .*; safe with open positions\)$/),
    ])
    expect(plan.stdout).toContain('left alone, SCHEMA_DRIFTED: The schema is not what the ledger says: table notizen_ä is not known.')
    expect({code: plan.code, dry: {code: dry.code, stdout: dry.stdout}}).toEqual({code: 0, dry: {code: 0, stdout: plan.stdout}})
    expect(await contents(folder, everyName)).toEqual(before)
  })

  test('goes as far as --to, also over drift where that is allowed, and takes names and filters', async ({folder, strat}) => {
    await makeThreeKinds(folder)
    const {json} = await strat('migrate plan stage-drifted stage-a --to 0003_rebuild --allow-drift --json')
    expect(json.classes).toMatchObject([
      {databases: ['stage-a'], migrations: [{name: '0002_note'}, {name: '0003_rebuild'}]},
      {databases: ['stage-drifted'], migrations: [{name: '0003_rebuild'}], obstacle: null},
    ])
    expect((await strat('migrate plan --stage live --json')).json.classes).toMatchObject([{databases: ['live-b']}])
  })

  test('exits with 3 where some would fail, and says which', async ({folder, strat}) => {
    await makeThreeKinds(folder)
    await rm(join(folder, 'migrations/strategy/0002_note.ts'))
    const {code, stdout} = await strat('migrate plan --to 0001_initial')
    expect(code).toBe(3)
    expect(stdout).toContain('1 database (stage-ahead), strategy, 2 executed:\n  would fail, MIGRATION_MISSING: Executed, but without a file: 0002_note.')
  })
})

describe('the rehearsal in memory', () => {
  const broken = {'migrations/strategy/0003_broken.ts': migration('CREATE TABLE fine (x)', 'ALTER TABLE nowhere ADD COLUMN x')}

  test.for(['migrate --all --confirm live', 'migrate plan', 'migrate --all --dry-run'])(
    'stops strat %s with nothing changed, and names migration and statement',
    async (args, {folder, strat}) => {
      await makeThreeKinds(folder)
      await writeFiles(folder, broken)
      await rm(join(folder, 'migrations/strategy/0003_rebuild.ts'))
      const before = await contents(folder, everyName)
      const {code, json} = await strat(`${args} --json`)
      expect({code, error: json.error}).toMatchObject({
        code: 1,
        error: {
          code: 'REHEARSAL_FAILED',
          message: expect.stringMatching(
            /^Rehearsed on the schema of live-b \(and 1 more like it\), 0003_broken failed.*no such table: nowhere.* Statement: ALTER TABLE nowhere ADD COLUMN x$/,
          ),
        },
      })
      expect(await contents(folder, everyName)).toEqual(before)
    },
  )

  test('where it ends for want of rows, the plan says so, and what drops data behind it is marked all the same', async ({folder, strat}) => {
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
    await makeFleet(folder, ['stage-a'])
    await writeFiles(folder, {
      'migrations/strategy/0002_capital.ts': migration(
        'CREATE TABLE limits (capital REAL NOT NULL)',
        'INSERT INTO limits SELECT max(capital_allocated) FROM portfolio_state',
      ),
      'migrations/strategy/0003_drop.ts': migration('DROP TABLE trade_logs'),
    })
    const {classes} = (await strat('migrate plan --json')).json
    expect(classes).toMatchObject([{unrehearsed: '0002_capital', migrations: [{destructive: []}, {destructive: [{reason: 'drops the table trade_logs'}]}]}])
    expect(await strat('migrate stage-a')).toMatchObject({code: 0, stderr: expect.stringContaining('0003_drop drops the table trade_logs')})
    expect(await query(databaseFile(folder, 'stage-a'), 'SELECT capital FROM limits')).toHaveLength(1)
  })

  test('knows what only some schemas have', async ({folder, strat}) => {
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
    await makeFleet(folder, ['stage-a'])
    await copyStrategy(folder, 'stage-a', 'stage-b')
    await execute(databaseFile(folder, 'stage-b'), addNote)
    await writeFiles(folder, {'migrations/strategy/0002_note.ts': migration(addNote)})
    expect((await strat('migrate --all --allow-drift --json')).json.error).toMatchObject({
      code: 'REHEARSAL_FAILED',
      message: expect.stringContaining('stage-b'),
    })
    const {code, json} = await strat('migrate --all --json')
    expect({code, databases: json.databases}).toMatchObject({
      code: 0,
      databases: [
        {name: 'stage-a', status: 'applied'},
        {name: 'stage-b', status: 'skipped'},
      ],
    })
  })
})
