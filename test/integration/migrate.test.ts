import {copyFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {LibsqlDialect} from '@libsql/kysely-libsql'
import {Kysely} from 'kysely'
import {type Migration, Migrator} from 'kysely/migration'
import {describe, expect} from 'vitest'
import {importUserFile} from '../../src/import-user-file.ts'
import {execute, query, usingFile} from '../helpers/database.ts'
import {initial, migration, ownMigrations, snapshot, writeFiles} from '../helpers/files.ts'
import {runStrat} from '../helpers/strat.ts'
import {test} from '../helpers/test.ts'

const database = (folder: string, name = 'stage-condor') => join(folder, '.strat', `${name}.db`)
const oneRow = 'CREATE UNIQUE INDEX one ON portfolio_state ((1))'
const addNote = migration('ALTER TABLE trade_logs ADD COLUMN note TEXT')

describe('strat migrate', () => {
  test('applies what is pending to the whole fleet, and then finds nothing to do', async ({folder, strat}) => {
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
    for (const name of ['stage-a', 'live-b', 'archive']) await strat(`create ${name}`)
    await writeFiles(folder, {'migrations/strategy/0002_note.ts': addNote})
    const {code, json} = await strat('migrate --all --confirm live --json')
    expect(code).toBe(0)
    expect(json).toEqual({
      run: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
      kindRuns: 2,
      shard: null,
      databases: [
        {name: 'archive', status: 'current', requests: 1},
        {name: 'live-b', status: 'applied', migrations: ['0002_note'], requests: 2},
        {name: 'stage-a', status: 'applied', migrations: ['0002_note'], requests: 2},
      ],
      unmarked: [],
      drift: [],
      rehearsals: [],
      warnings: [],
      interrupted: false,
      summary: {applied: 2, current: 1, skipped: 0, failed: 0, causes: []},
    })
    expect((await strat('migrate --all --json')).json.summary).toMatchObject({applied: 0, current: 3})
    expect(await query(database(folder, 'live-b'), 'SELECT run_id FROM strat_migration ORDER BY name')).toEqual([
      {run_id: expect.any(String)},
      {run_id: json.run},
    ])
  })

  test('is plain text in a pipe, tab-separated', async ({strat}) => {
    await strat('create stage-condor')
    expect((await strat('migrate stage-condor')).stdout).toBe('NAME\tSTATUS\tDETAIL\nstage-condor\tcurrent\tnothing to do\n')
  })

  test('goes no further than --to', async ({folder, strat}) => {
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
    await strat('create stage-condor')
    await writeFiles(folder, {
      'migrations/strategy/0002_note.ts': addNote,
      'migrations/strategy/0003_tag.ts': migration('ALTER TABLE trade_logs ADD COLUMN tag TEXT'),
    })
    expect((await strat('migrate stage-condor --to 0002_note --json')).json.databases).toMatchObject([{migrations: ['0002_note']}])
    expect((await strat('migrate stage-condor --json')).json.databases).toMatchObject([{migrations: ['0003_tag']}])
  })

  test('lets the failure of one leave the others alone, says why, and exits with 3', async ({folder, strat}) => {
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
    for (const name of ['stage-a', 'stage-b', 'stage-c']) await strat(`create ${name}`)
    await execute(database(folder, 'stage-b'), 'INSERT INTO portfolio_state (capital_allocated, free_margin, daily_stop_loss) VALUES (1, 0, 0)')
    await writeFiles(folder, {'migrations/strategy/0002_one.ts': migration(oneRow)})
    const {code, json} = await strat('migrate --all --json')
    expect(code).toBe(3)
    expect(json.databases[1]).toEqual({
      name: 'stage-b',
      status: 'failed',
      reason: "0002_one failed and was rolled back: UNIQUE constraint failed: index 'one'.",
      code: 'MIGRATION_FAILED',
      suggestions: ['Mend the migration, then run the same command again.'],
      migration: '0002_one',
      statement: oneRow,
    })
    expect(json.summary).toEqual({applied: 2, current: 0, skipped: 0, failed: 1, causes: [{reason: json.databases[1].reason, count: 1, example: 'stage-b'}]})
    const text = await strat('migrate --all')
    expect(text).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/1 failure, as in stage-b: .*\n {2}Statement: CREATE UNIQUE INDEX one .*\n {2}Try: Mend the migration/),
    })
  })

  test('never migrates a database that is not ours', async ({folder, strat}) => {
    await strat('create stage-a')
    await execute(database(folder, 'stage-foreign'), 'CREATE TABLE mine (x)')
    const {code, json} = await strat('migrate --all --json')
    expect(code).toBe(0)
    expect(json).toMatchObject({databases: [{name: 'stage-a'}], unmarked: ['stage-foreign']})
    expect((await strat('migrate stage-foreign --json')).json.databases).toMatchObject([{status: 'failed', code: 'STRATEGY_NOT_OURS'}])
    expect(await query(database(folder, 'stage-foreign'), 'SELECT name FROM sqlite_schema')).toEqual([{name: 'mine'}])
  })

  test('leaves a copy of a strategy alone', async ({folder, strat}) => {
    await strat('create stage-a')
    await usingFile(database(folder, 'stage-a'), (client) => client.execute(`VACUUM INTO '${database(folder, 'stage-copy')}'`))
    expect((await strat('migrate --all --json')).json).toMatchObject({unmarked: ['stage-copy']})
  })

  test('sixteen at once do it once', async ({folder, strat}) => {
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
    await strat('create stage-condor')
    await writeFiles(folder, {'migrations/strategy/0002_double.ts': migration('UPDATE portfolio_state SET capital_allocated = capital_allocated * 2')})
    const results = await Promise.all(Array.from({length: 16}, () => strat('migrate stage-condor --yes --json')))
    expect(results.map(({code}) => code)).toEqual(Array(16).fill(0))
    expect(results.filter(({json}) => json.databases[0].status === 'applied')).toHaveLength(1)
    expect(await query(database(folder), 'SELECT capital_allocated FROM portfolio_state')).toEqual([{capital_allocated: 1000000}])
  })

  test.for([
    ['migrate', 'SELECTION_EMPTY', 2],
    ['migrate stage-a --all', 'USAGE', 2],
    ['migrate stage-a stage-a', 'USAGE', 2],
    ['migrate stage-b', 'STRATEGY_NOT_FOUND', 1],
    ['migrate --all --to 0009_x', 'MIGRATION_UNKNOWN', 2],
  ] as const)('%s: %s', async ([args, code, exit], {strat}) => {
    await strat('create stage-a')
    const result = await strat(`${args} --json`)
    expect({code: result.json.error?.code ?? result.json.databases[0].code, exit: result.code}).toEqual({code, exit})
  })

  test('suggests the strategy that was meant', async ({strat}) => {
    await strat('create stage-condor')
    expect((await strat('migrate stage-condr --json')).json.error.suggestions).toEqual(['stage-condor'])
  })
})

test('killed before every third of its steps, it ends in the same state when it is run again', {timeout: 120_000}, async ({folder, strat}) => {
  const killer = new URL('../helpers/kill-at.mjs', import.meta.url).href
  await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
  await strat('create stage-condor')
  await usingFile(database(folder), (client) => client.execute(`VACUUM INTO '${join(folder, 'before.db')}'`))
  await writeFiles(folder, {
    'migrations/strategy/0002_double.ts': migration('UPDATE portfolio_state SET capital_allocated = capital_allocated * 2'),
    'migrations/strategy/0003_reads.ts': migration('SELECT 1', 'UPDATE portfolio_state SET free_margin = free_margin + 1'),
  })
  let killed = 0
  for (let step = 1; ; step += 3) {
    // A new file each time: connections of this process may still have the old one open.
    for (const log of ['', '-wal', '-shm']) await rm(`${database(folder)}${log}`, {force: true})
    await copyFile(join(folder, 'before.db'), database(folder))
    const first = await strat('migrate stage-condor --yes', {nodeArgs: ['--import', killer], env: {KILL_AT: String(step)}})
    if (first.signal !== 'SIGKILL') break
    killed = step
    const again = await strat('migrate stage-condor --yes --json')
    expect(again.code, `killed before step ${step}: ${again.stdout}`).toBe(0)
    expect(await query(database(folder), 'SELECT capital_allocated, free_margin FROM portfolio_state'), `killed before step ${step}`).toEqual([
      {capital_allocated: 1000000, free_margin: 500001},
    ])
  }
  expect(killed).toBeGreaterThan(20)
})

test('--to leaves the other kind alone, which has no such migration', async ({folder, strat}) => {
  await writeFiles(folder, ownMigrations({'0001_initial.ts': initial, '0002_note.ts': addNote}))
  await strat('create stage-condor')
  await strat('create archive')
  const {code, json} = await strat('migrate --all --to 0002_note --json')
  expect(code).toBe(0)
  expect(json.databases).toMatchObject([
    {name: 'archive', status: 'skipped', code: 'MIGRATION_UNKNOWN'},
    {name: 'stage-condor', status: 'current'},
  ])
  expect(json.summary).toMatchObject({skipped: 1, failed: 0})
})

describe("migrations of one's own", () => {
  test('may be ejected, added to, applied, and then no longer edited', async ({folder, strat}) => {
    await strat('init --eject')
    await strat('create stage-condor')
    const {json: created} = await strat('migrate new add-Note --json')
    expect(created).toEqual({name: '0002_add_note', kind: 'strategy', path: join(folder, 'migrations/strategy/0002_add_note.ts')})
    expect((await strat('migrate status --json')).json.databases).toMatchObject([{pending: ['0002_add_note']}])
    expect((await strat('migrate --all --json')).json.databases).toMatchObject([{status: 'applied', migrations: ['0002_add_note']}])

    await writeFiles(folder, {'migrations/strategy/0002_add_note.ts': addNote.replace('note', 'remark')})
    const contents = 'SELECT name, sql, (SELECT count(*) FROM kysely_migration) AS executed FROM sqlite_schema ORDER BY name'
    const before = await query(database(folder), contents)
    const {code, json} = await strat('migrate --all --json')
    expect(code).toBe(3)
    expect(json.databases).toMatchObject([{status: 'failed', code: 'MIGRATION_EDITED', reason: 'Edited after it was executed: 0002_add_note.'}])
    expect((await strat('migrate status --json')).json.databases).toMatchObject([{edited: ['0002_add_note']}])
    expect(await query(database(folder), contents)).toEqual(before)
  })

  test('that are packaged and that are ejected are the same', async ({folder, strat}) => {
    await strat('create stage-condor')
    await strat('create archive')
    await strat('init --eject')
    for (const {edited, pending} of (await strat('migrate status --json')).json.databases) expect({edited, pending}).toEqual({edited: [], pending: []})
    expect((await strat('migrate --all --json')).json.summary).toMatchObject({current: 2, failed: 0})
    expect(await query(database(folder), 'SELECT count(*) AS rows FROM kysely_migration')).toEqual([{rows: 1}])
  })

  test('may be JavaScript, have a default export, and import helpers', async ({folder, strat}) => {
    await writeFiles(folder, {
      ...ownMigrations({'0001_initial.ts': initial, '0002_js.mjs': "import {add} from '../helpers.mjs'\nexport default {up: (db) => add(db, 'tag')}\n"}),
      'migrations/helpers.mjs': "export const add = (db, column) => db.schema.alterTable('trade_logs').addColumn(column, 'text').execute()\n",
    })
    expect((await strat('create stage-condor --json')).json.migrations).toEqual(['0001_initial', '0002_js'])
  })

  test.for<[string, Record<string, string>, string, string]>([
    ['an empty folder', {}, 'MIGRATION_FOLDER_EMPTY', 'holds no migration'],
    ['two files of one number', {'0001_a.ts': initial, '0001_b.ts': addNote}, 'MIGRATION_DUPLICATE', '0001_a.ts and 0001_b.ts'],
    ['one name twice', {'0001_a.ts': initial, '0001_a.js': initial}, 'MIGRATION_DUPLICATE', '0001_a'],
    ['numbers of different length', {'1_a.ts': initial, '02_b.ts': addNote}, 'MIGRATION_NAME_INVALID', 'different length'],
    ['a file without a number', {'0001_a.ts': initial, 'note.ts': addNote}, 'MIGRATION_NAME_INVALID', 'note.ts'],
    ['a file without up', {'0001_a.ts': 'export const down = () => undefined\n'}, 'MIGRATION_INVALID', 'exports no function "up"'],
    [
      'a down that is no function',
      {'0001_a.ts': 'export const up = async () => undefined\nexport const down = 7\n'},
      'MIGRATION_INVALID',
      '"down" that is no function',
    ],
    ['a file that throws', {'0001_a.ts': "throw new Error('boom')\n"}, 'MIGRATION_INVALID', 'cannot be loaded: boom'],
    ['an up that throws', {'0001_a.ts': "export const up = () => Promise.reject(new Error('boom'))\n"}, 'MIGRATION_INVALID', 'throws: boom'],
    ['a syntax error', {'0001_a.ts': 'export const up = (\n'}, 'MIGRATION_INVALID', 'cannot be loaded'],
    [
      'an up that never resolves',
      {'0001_a.ts': 'export const up = () => new Promise(() => undefined)\n'},
      'MIGRATION_TIMED_OUT',
      'did not record within 5 seconds',
    ],
    [
      'a file that never resolves',
      {'0001_a.ts': 'await new Promise(() => undefined)\nexport const up = async () => undefined\n'},
      'MIGRATION_TIMED_OUT',
      'did not load within 5 seconds',
    ],
    [
      'an up that keeps the process alive',
      {'0001_a.ts': 'export const up = () => new Promise(() => setInterval(() => undefined, 1000))\n'},
      'MIGRATION_TIMED_OUT',
      'did not record',
    ],
    [
      'an up that goes on after a file was read',
      {
        '0001_a.ts':
          "import {readFile} from 'node:fs/promises'\nimport {sql} from 'kysely'\nexport async function up(db) {\n  ['package.json'].forEach(async () => {\n    await readFile(import.meta.filename)\n    await sql`CREATE TABLE a (x)`.execute(db)\n  })\n}\n",
      },
      'MIGRATION_INVALID',
      'returns before all of its statements are sent',
    ],
    ['an up that ends the process', {'0001_a.ts': 'export const up = async () => process.exit(0)\n'}, 'UNEXPECTED', 'ended the process'],
    [
      'an up that leaves an error behind',
      {'0001_a.ts': "export const up = async () => void setTimeout(() => { throw new Error('boom') }, 1)\n"},
      'UNEXPECTED',
      'boom',
    ],
    ['two statements in one text', {'0001_a.ts': migration('CREATE TABLE a (x); CREATE TABLE b (x)')}, 'MIGRATION_STATEMENT_REFUSED', 'several statements'],
  ])('%s is refused before any database is made', async ([, files, code, message], {folder, strat}) => {
    await writeFiles(folder, ownMigrations(files))
    await writeFiles(folder, {'migrations/strategy/README.md': 'Not a migration.'})
    const before = await snapshot(folder)
    const result = await strat('create stage-condor --json')
    expect({exit: result.code, error: result.json.error}).toMatchObject({
      exit: code === 'UNEXPECTED' ? 1 : 78,
      error: {code, message: expect.stringContaining(message)},
    })
    expect(await snapshot(folder)).toEqual(before)
  })

  test('a loop that never ends is ended, whatever it does', {timeout: 90_000}, async ({folder}) => {
    const up = (body: string) => `import {sql} from 'kysely'\nexport const up = async (db) => {${body}}\n`
    const loops: Record<string, [string, string]> = {
      'at once': [up('for (;;) {}'), 'did not record within 5 seconds'],
      'after an await': [up('await null; for (;;) {}'), 'did not record within 5 seconds'],
      'after a timer': [up('await new Promise((resolve) => setTimeout(resolve, 10)); for (;;) {}'), 'did not record within 5 seconds'],
      'of promises': [up('for (;;) await null'), 'did not record within 5 seconds'],
      'of failures': [up('for (;;) await sql`BEGIN`.execute(db).catch(() => undefined)'), 'holds BEGIN'],
      'of statements': [up('for (;;) await sql`DELETE FROM a`.execute(db)'), 'sends more than 10,000 statements'],
      'while the file is loaded': [`for (;;) {}\n${up('')}`, 'did not load within 5 seconds'],
    }
    await Promise.all(
      Object.entries(loops).map(async ([name, [text, message]]) => {
        const cwd = join(folder, name)
        await writeFiles(cwd, ownMigrations({'0001_initial.ts': initial, '0002_loop.ts': text}))
        const before = await snapshot(cwd)
        const {code, json, stderr} = await runStrat(['create', 'stage-condor', '--json'], {cwd})
        expect({name, code, stderr, message: json.error.message}).toEqual({name, code: 78, stderr: '', message: expect.stringContaining(message)})
        expect(json.error.message).toContain('0002_loop')
        expect(await snapshot(cwd)).toEqual(before)
      }),
    )
  })

  test('a missing folder is named', async ({folder, strat}) => {
    await writeFiles(folder, {'strat.config.json': '{"migrations": "./nowhere"}'})
    expect((await strat('migrate status --json')).json.error).toMatchObject({code: 'SELECTION_EMPTY', suggestions: ['strat create stage-condor']})
    expect((await strat('create stage-condor --json')).json.error).toMatchObject({
      code: 'MIGRATION_FOLDER_MISSING',
      message: expect.stringContaining(join(folder, 'nowhere/strategy')),
    })
  })

  test.for([
    ['missing', {'0001_initial.ts': initial}, 'MIGRATION_MISSING'],
    ['out of order', {'0001_initial.ts': initial, '0002_note.ts': addNote, '0003_tag.ts': migration('CREATE TABLE tag (x)')}, 'MIGRATION_OUT_OF_ORDER'],
  ] as const)('%s ones are an error that names them', async ([, after, code], {folder, strat}) => {
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial, '0003_tag.ts': migration('CREATE TABLE tag (x)')}))
    await strat('create stage-condor')
    await rm(join(folder, 'migrations/strategy'), {recursive: true})
    await writeFiles(folder, ownMigrations(after))
    expect((await strat('migrate --all --json')).json.databases).toMatchObject([{status: 'failed', code}])
  })
})

describe("Kysely's own Migrator", () => {
  const migrationsOf = async (folder: string, names: string[]): Promise<Record<string, Migration>> =>
    Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, (await importUserFile(join(folder, `migrations/strategy/${name}.ts`))) as unknown as Migration])),
    )

  const usingMigrator = (folder: string, migrations: Record<string, Migration>, use: (migrator: Migrator) => Promise<void>) =>
    usingFile(database(folder), async (client) =>
      use(new Migrator({db: new Kysely({dialect: new LibsqlDialect({client})}), provider: {getMigrations: async () => migrations}})),
    )

  test('takes the ledger of strat for its own, and goes on with it', async ({folder, strat}) => {
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial, '0002_note.ts': addNote}))
    await strat('create stage-condor')
    await writeFiles(folder, {'migrations/strategy/0003_tag.ts': migration('ALTER TABLE trade_logs ADD COLUMN tag TEXT')})
    const migrations = await migrationsOf(folder, ['0001_initial', '0002_note', '0003_tag'])
    await usingMigrator(folder, migrations, async (migrator) => {
      const known = await migrator.getMigrations()
      expect(known.map(({name, executedAt}) => [name, executedAt instanceof Date])).toEqual([
        ['0001_initial', true],
        ['0002_note', true],
        ['0003_tag', false],
      ])
      expect(await migrator.migrateToLatest()).toEqual({error: undefined, results: [{direction: 'Up', migrationName: '0003_tag', status: 'Success'}]})
    })
    expect((await strat('migrate --all --json')).json.databases).toMatchObject([{status: 'current'}])
  })

  test('may come first: strat adopts what it made', async ({folder, strat}) => {
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial, '0002_note.ts': addNote}))
    await strat('create stage-other')
    await execute(database(folder), 'SELECT 1')
    await usingMigrator(folder, await migrationsOf(folder, ['0001_initial', '0002_note']), async (migrator) => {
      expect((await migrator.migrateTo('0001_initial')).error).toBeUndefined()
    })
    expect((await strat('adopt stage-condor --json')).json).toMatchObject({status: 'adopted', baseline: ['0001_initial']})
    expect((await strat('migrate stage-condor --json')).json.databases).toMatchObject([{status: 'applied', migrations: ['0002_note']}])
  })
})
