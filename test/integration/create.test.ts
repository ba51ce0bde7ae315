import {copyFile, readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {describe, expect} from 'vitest'
import {execute, query} from '../helpers/database.ts'
import {initial, migration, ownMigrations, snapshot, writeFiles} from '../helpers/files.ts'
import {bin} from '../helpers/strat.ts'
import {test} from '../helpers/test.ts'

const database = (folder: string, name = 'stage-condor') => join(folder, '.strat', `${name}.db`)

describe('strat create', () => {
  test('makes the tables exactly as they are given', async ({folder, strat}) => {
    await strat('create stage-condor')
    await execute(
      join(folder, 'given.db'),
      'CREATE TABLE portfolio_state (id INTEGER PRIMARY KEY AUTOINCREMENT, capital_allocated REAL NOT NULL, free_margin REAL NOT NULL, daily_stop_loss REAL NOT NULL, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)',
      'CREATE TABLE active_positions (id TEXT PRIMARY KEY /* UUID */, symbol TEXT NOT NULL, strike REAL NOT NULL, option_type TEXT NOT NULL /* CE | PE */, quantity INTEGER NOT NULL, entry_price REAL NOT NULL, stop_loss REAL, target_price REAL, entry_time TIMESTAMP DEFAULT CURRENT_TIMESTAMP)',
      'CREATE TABLE trade_logs (id TEXT PRIMARY KEY /* UUID */, timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP, symbol TEXT NOT NULL, action TEXT NOT NULL /* BUY | SELL */, quantity INTEGER NOT NULL, price REAL NOT NULL, execution_reason TEXT NOT NULL /* ENTRY | STOP_LOSS_LEG | DAILY_SL_EXIT | EXPIRY */, pnl REAL)',
    )
    for (const table of ['portfolio_state', 'active_positions', 'trade_logs']) {
      const given = await query(join(folder, 'given.db'), `PRAGMA table_xinfo(${table})`)
      expect(given.length).toBeGreaterThan(4)
      expect(await query(database(folder), `PRAGMA table_xinfo(${table})`)).toEqual(given)
      const definition = `SELECT sql FROM sqlite_schema WHERE name = '${table}'`
      expect(await query(database(folder), definition)).toEqual(await query(join(folder, 'given.db'), definition))
    }
    // AUTOINCREMENT: an id is never given twice.
    await execute(
      database(folder),
      'DELETE FROM portfolio_state',
      'INSERT INTO portfolio_state (capital_allocated, free_margin, daily_stop_loss) VALUES (1, 1, 1)',
    )
    expect(await query(database(folder), 'SELECT id FROM portfolio_state')).toEqual([{id: 2}])
  })

  test('tells what it made', async ({folder, strat}) => {
    const {code, json, stderr} = await strat('create live-butterfly --json')
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    expect(json).toEqual({
      name: 'live-butterfly',
      database: 'live-butterfly',
      kind: 'strategy',
      template: 'butterfly',
      stage: 'live',
      status: 'created',
      url: pathToFileURL(database(folder, 'live-butterfly')).href,
      migrations: ['0001_initial'],
      secrets: ['TURSO_DB_URL', 'TURSO_AUTH_TOKEN'].map((name) => ({store: 'dotenv', scope: '.env.live-butterfly', name})),
      token: {status: 'minted', expiresAt: expect.stringMatching(/^\d{4}-.*Z$/)},
      files: [],
      warnings: [],
      requests: 1,
    })
  })

  test('says it to a person on stdout, and what to do next on stderr', async ({strat}) => {
    const {stdout, stderr} = await strat('create stage-condor')
    expect(stdout).toMatch(
      /^Created stage-condor from the template condor, with 1 migration\.\n {2}\.env\.stage-condor \(new token, until \d{4}-\d\d-\d\d\)\n$/,
    )
    expect(stderr).toBe(
      'Next: strat show stage-condor\n      strat init --bot (a bot to start from)\n      strat dev, in another terminal (what the bot connects to)\n',
    )
  })

  test.for([
    ['stage-condor', '', {capital_allocated: 500000, free_margin: 500000, daily_stop_loss: 10000}],
    ['stage-butterfly-nifty', '', {capital_allocated: 300000, free_margin: 300000, daily_stop_loss: 6000}],
    ['stage-straddle', '', {capital_allocated: 100000, free_margin: 100000, daily_stop_loss: 2000}],
    ['stage-straddle', '--template condor', {capital_allocated: 500000, free_margin: 500000, daily_stop_loss: 10000}],
    ['stage-condor', '--capital 750000.55 --stop-loss 0.1', {capital_allocated: 750000.55, free_margin: 750000.55, daily_stop_loss: 0.1}],
  ] as const)('%s %s: one first capital row', async ([name, flags, row], {folder, strat}) => {
    expect((await strat(`create ${name} ${flags}`)).code).toBe(0)
    expect(await query(database(folder, name), 'SELECT capital_allocated, free_margin, daily_stop_loss FROM portfolio_state')).toEqual([row])
  })

  test('makes an archive, which has no capital and whose sealed trades cannot change', async ({folder, strat}) => {
    expect((await strat('create archive --json')).json).toMatchObject({kind: 'archive', template: 'archive', stage: null, status: 'created'})
    const file = database(folder, 'archive')
    const trade = (id: string) =>
      `INSERT INTO trade_logs VALUES ('db', '${id}', 'stage-condor', '2026-01-01', 'NIFTY', 'BUY', 1, 1.5, 'ENTRY', NULL, 'hash', 'batch')`
    await execute(file, "INSERT INTO archive_batches VALUES ('batch', 'db', 1, 'rows', NULL, NULL, '2026-01-02', NULL, NULL, '0.1.0', NULL, 0)", trade('1'))
    await execute(file, "UPDATE archive_batches SET head_sha256 = 'head', sealed_at = '2026-01-03', sequence = 1")
    const forbidden = [
      "UPDATE trade_logs SET price = 2 WHERE id = '1'",
      "DELETE FROM trade_logs WHERE id = '1'",
      trade('1').replace('INSERT', 'INSERT OR REPLACE'),
      `${trade('1')} ON CONFLICT (source_database_id, id) DO UPDATE SET price = 3`,
      'DELETE FROM archive_batches',
      'UPDATE archive_batches SET sealed_at = NULL',
      'INSERT OR REPLACE INTO archive_batches SELECT batch_id, source_database_id, 2, rows_sha256, prev_sha256, head_sha256, copied_at, deleted_at, NULL, tool_version, sequence, is_open FROM archive_batches',
    ]
    for (const statement of forbidden) await expect(execute(file, statement), statement).rejects.toThrow('sealed')
    expect(await query(file, 'SELECT id, price FROM trade_logs')).toEqual([{id: '1', price: 1.5}])
  })

  test('run again, finds it there and leaves it as it is', async ({folder, strat}) => {
    await strat('create stage-condor')
    await execute(database(folder), 'UPDATE portfolio_state SET free_margin = 42')
    const again = await strat('create stage-condor --capital 900000 --json')
    expect({code: again.code, status: again.json.status, migrations: again.json.migrations}).toEqual({code: 0, status: 'existing', migrations: []})
    expect(again.json.warnings).toEqual(['stage-condor keeps its capital and stop loss: they are set when it is created.'])
    expect(await query(database(folder), 'SELECT capital_allocated, free_margin FROM portfolio_state')).toEqual([{capital_allocated: 500000, free_margin: 42}])
    const {stdout} = await strat('create stage-condor')
    expect(stdout).toMatch(/^stage-condor is there already and stays as it is\.\n {2}\.env\.stage-condor \(kept token, until /)
  })

  test('refuses another template for a strategy that is there', async ({strat}) => {
    await strat('create stage-condor')
    const {code, json} = await strat('create stage-condor --template butterfly --json')
    expect({code, error: json.error.code}).toEqual({code: 1, error: 'STRATEGY_TEMPLATE_DIFFERS'})
  })

  test('never touches a database that is not ours, and says how to adopt it', async ({folder, strat}) => {
    await strat('create stage-other')
    await execute(database(folder, 'stage-condor'), 'CREATE TABLE mine (x)', 'INSERT INTO mine VALUES (1)')
    const before = await snapshot(folder)
    const {code, json} = await strat('create stage-condor --json')
    expect({code, error: json.error.code}).toEqual({code: 1, error: 'STRATEGY_NOT_OURS'})
    expect(json.error.suggestions[0]).toContain('strat adopt stage-condor')
    expect((await snapshot(folder))['.strat/stage-condor.db']).toBe(before['.strat/stage-condor.db'])
  })

  test('--dry-run says what would be done and does nothing', async ({folder, strat}) => {
    const preview = await strat('create stage-condor --dry-run --json')
    expect(preview.json).toMatchObject({status: 'created', migrations: ['0001_initial'], dryRun: true})
    expect(await snapshot(folder)).toEqual({})
    await strat('create stage-condor')
    expect((await strat('create stage-condor --dry-run --json')).json).toMatchObject({status: 'existing', migrations: []})
  })

  test("writes the files of a template of one's own, and keeps those that are there", async ({folder, strat}) => {
    const permissions = [{tables: null, actions: ['data_read']}]
    await writeFiles(folder, {
      'strat.config.json': '{"templates": "./mine"}',
      'mine/straddle.json': JSON.stringify({
        kind: 'strategy',
        capital: {capitalAllocated: 1, freeMargin: 1, dailyStopLoss: 1},
        permissions,
        files: {'bots/{strategy}.md': 'notes.md', 'README.md': 'notes.md'},
      }),
      'mine/notes.md': 'Sell both.',
      'README.md': 'Mine.',
    })
    const {json} = await strat('create stage-straddle --json')
    expect(json).toMatchObject({
      template: 'straddle',
      files: [
        {path: 'bots/stage-straddle.md', status: 'created'},
        {path: 'README.md', status: 'kept'},
      ],
    })
    expect(await readFile(join(folder, 'bots/stage-straddle.md'), 'utf8')).toBe('Sell both.')
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe('Mine.')
  })

  test('refuses a template whose file is missing, before anything is made', async ({folder, strat}) => {
    await writeFiles(folder, {
      'strat.config.json': '{"templates": "./mine"}',
      'mine/torn.json': '{"kind": "strategy", "permissions": [], "files": {"bot.py": "nowhere.py"}}',
    })
    const {code, json} = await strat('create stage-torn --json')
    expect({code, error: json.error}).toMatchObject({code: 78, error: {code: 'TEMPLATE_INVALID', message: expect.stringContaining('nowhere.py')}})
    expect(Object.keys(await snapshot(folder))).not.toContain('.strat/stage-torn.db')
  })

  test.for(['50%', 'c#x', 'q?x', 'a%20b', 'a b', 'é'])('works in a folder named %s', async (name, {folder, strat}) => {
    const {mkdir} = await import('node:fs/promises')
    const cwd = join(folder, name)
    await mkdir(cwd)
    expect((await strat('create stage-condor --json', {cwd})).json).toMatchObject({status: 'created', url: pathToFileURL(database(cwd)).href})
    expect((await strat('show stage-condor --json', {cwd})).json).toMatchObject({rows: {portfolio_state: 1}})
    expect((await strat('destroy stage-condor --confirm stage-condor --json', {cwd})).json).toMatchObject({status: 'destroyed'})
  })

  test('leaves a file that can be copied, and a log for readers beside a writer', async ({folder, strat}) => {
    await strat('create stage-condor')
    await copyFile(database(folder), join(folder, 'copy.db'))
    expect(await query(join(folder, 'copy.db'), 'SELECT count(*) AS rows FROM portfolio_state')).toEqual([{rows: 1}])
    expect(await query(database(folder), 'PRAGMA journal_mode')).toEqual([{journal_mode: 'wal'}])
  })

  test('finishes an empty file, also its journal mode', async ({folder, strat}) => {
    await writeFiles(folder, {'.strat/stage-condor.db': ''})
    expect((await strat('create stage-condor --json')).json.status).toBe('resumed')
    expect(await query(database(folder), 'PRAGMA journal_mode')).toEqual([{journal_mode: 'wal'}])
  })

  test('keeps out of git only what is its own folder', async ({folder, strat}) => {
    await writeFiles(folder, {'README.md': 'Mine.'})
    await strat('create stage-condor --secrets none', {env: {STRAT_DIRECTORY: '.'}})
    expect(Object.keys(await snapshot(folder)).sort()).toEqual(['README.md', 'platform.sqlite', 'stage-condor.db'])
  })

  test('says resumed where only the marker and the capital row were missing', async ({folder, strat}) => {
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial, '0002_fails.ts': migration('SELECT 1', 'INSERT INTO nowhere VALUES (1)')}))
    expect((await strat('create stage-condor --json')).json.error.code).toBe('MIGRATION_FAILED')
    await rm(join(folder, 'migrations/strategy/0002_fails.ts'))
    expect((await strat('create stage-condor --json')).json).toMatchObject({status: 'resumed', migrations: []})
    expect(await query(database(folder), 'SELECT count(*) AS rows FROM portfolio_state')).toEqual([{rows: 1}])
  })

  test('refuses a template that would write outside of the project, before anything is made', async ({folder, strat}) => {
    await writeFiles(folder, {
      'strat.config.json': '{"templates": "./mine"}',
      'mine/evil.json': '{"kind": "strategy", "permissions": [], "files": {"../out": "evil.json"}}',
    })
    const {code, json} = await strat('create stage-evil --json')
    expect({code, error: json.error.code}).toEqual({code: 78, error: 'FILE_OUTSIDE_PROJECT'})
    expect(Object.keys(await snapshot(folder))).not.toContain('.strat/stage-evil.db')
  })
})

describe('strat create, given bad input, changes nothing', () => {
  test.for([
    ['create Stage-Condor', 2, 'STRATEGY_NAME_INVALID'],
    ['create stage_condor', 2, 'STRATEGY_NAME_INVALID'],
    ['create ../stage-x', 2, 'STRATEGY_NAME_INVALID'],
    [`create stage-${'x'.repeat(59)}`, 2, 'STRATEGY_NAME_INVALID'],
    ['create prod-condor', 2, 'STRATEGY_NAME_INVALID'],
    ['create archive --template condor', 2, 'STRATEGY_NAME_RESERVED'],
    ['create stage-condor --template archive', 2, 'STRATEGY_NAME_RESERVED'],
    ['create stage-condor --template condr', 2, 'TEMPLATE_UNKNOWN'],
    ['create', 2, 'STRATEGY_NAME_REQUIRED'],
    ['create stage-condor --capital lots', 2, 'USAGE'],
    ['create stage-condor --capital -1', 2, 'USAGE'],
    ['create stage-condor --capital 0x10', 2, 'USAGE'],
    ['create archive --capital 5', 2, 'USAGE'],
    ['create stage-condor --capital 5,00,000', 2, 'USAGE'],
    ['create stage-condor --capital 100 --stop-loss 101', 2, 'USAGE'],
    ['create stage-condor --capitol 1', 2, 'USAGE'],
    ['create stage-condor stage-butterfly', 2, 'USAGE'],
    ['create stage-condor --platform moon', 2, 'USAGE'],
    ['create stage-condor --platform turso', 4, 'TURSO_UNAUTHENTICATED'],
  ] as const)('%s', async ([args, exit, code], {folder, strat}) => {
    const {code: exitCode, json} = await strat(`${args} --json`)
    expect({exitCode, code: json.error.code}).toEqual({exitCode: exit, code})
    expect(json).toEqual({error: {code, message: expect.stringMatching(/./), suggestions: expect.any(Array)}})
    expect(await snapshot(folder)).toEqual({})
    const text = await strat(args)
    expect(text).toMatchObject({code: exit, stdout: ''})
    expect(text.stderr).toContain(json.error.message)
  })

  test('an empty name', async ({folder}) => {
    const {runStrat} = await import('../helpers/strat.ts')
    const {code, json} = await runStrat(['create', '', '--json'], {cwd: folder})
    expect({code, error: json.error.code}).toEqual({code: 2, error: 'STRATEGY_NAME_INVALID'})
  })

  test('suggests what was meant', async ({strat}) => {
    const suggestions = async (args: string) => (await strat(`${args} --json`)).json.error.suggestions
    expect(await suggestions('create stage-x --template condr')).toEqual(['condor'])
    expect(await suggestions('create stage-x --capitol 1')).toEqual(['--capital'])
    expect(await suggestions('create Stage_X')).toEqual(['stage-x'])
  })
})

describe('several strat create at once', () => {
  test('of one name: one creates, the others find it', async ({folder, strat}) => {
    const results = await Promise.all(Array.from({length: 6}, () => strat('create stage-condor --json')))
    expect(results.map(({code}) => code)).toEqual([0, 0, 0, 0, 0, 0])
    const statuses = results.map(({json}) => json.status).sort()
    // Who finds the database before its creator has filled it, fills it itself.
    expect(statuses.filter((status) => status !== 'existing')).toHaveLength(1)
    expect(await query(database(folder), 'SELECT count(*) AS rows FROM portfolio_state')).toEqual([{rows: 1}])
    expect(await query(database(folder), 'SELECT name FROM kysely_migration')).toEqual([{name: '0001_initial'}])
  })

  test('of ten names: all are made', async ({strat}) => {
    const names = Array.from({length: 10}, (_, index) => `stage-s${index}`)
    const results = await Promise.all(names.map((name) => strat(`create ${name} --json`)))
    expect(results.map(({json}) => json.status)).toEqual(names.map(() => 'created'))
    expect((await strat('list --json')).json.strategies.map(({name}: {name: string}) => name)).toEqual(names)
  })
})

describe('strat create, killed', () => {
  const killer = new URL('../helpers/kill-at.mjs', import.meta.url).href

  test('before every third of its steps, ends in the same state when it is run again', {timeout: 120_000}, async ({folder, strat}) => {
    // An interactive migration makes two transactions of it: there is a state in between.
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial, '0002_reads.ts': migration('SELECT 1', 'CREATE TABLE notes (x)')}))
    const expected = {ledger: ['0001_initial', '0002_reads'], capital: [{rows: 1}], markers: [{rows: 1}]}
    let killed = 0
    for (let step = 1; ; step += 3) {
      for (const path of ['.strat', '.env.stage-condor']) await rm(join(folder, path), {recursive: true, force: true})
      const first = await strat('create stage-condor --json', {nodeArgs: ['--import', killer], env: {KILL_AT: String(step)}})
      if (first.signal !== 'SIGKILL') break
      killed = step
      const again = await strat('create stage-condor --json')
      expect(again.code, `killed before step ${step}: ${again.stdout}`).toBe(0)
      const state = {
        ledger: (await query(database(folder), 'SELECT name FROM kysely_migration ORDER BY name')).map(({name}) => name),
        capital: await query(database(folder), 'SELECT count(*) AS rows FROM portfolio_state'),
        markers: await query(database(folder), 'SELECT count(*) AS rows FROM strat_meta'),
      }
      expect(state, `killed before step ${step}`).toEqual(expected)
      const shown = await strat('show stage-condor --json')
      expect(shown.json.token.expiresAt, `killed before step ${step}`).toBe(again.json.token.expiresAt)
    }
    // If the steps were not counted any more, this test would show nothing.
    expect(killed).toBeGreaterThan(20)
  })

  test('between its two transactions, leaves what strat show calls interrupted', async ({folder, strat}) => {
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial, '0002_reads.ts': migration('SELECT 1')}))
    await strat('create stage-condor')
    await execute(database(folder), 'DELETE FROM strat_meta', "DELETE FROM kysely_migration WHERE name = '0002_reads'", 'DELETE FROM portfolio_state')
    const shown = await strat('show stage-condor --json')
    expect(shown.json.error).toMatchObject({code: 'STRATEGY_INCOMPLETE', suggestions: ['strat create stage-condor finishes it.']})
    expect((await strat('create stage-condor --json')).json).toMatchObject({status: 'resumed', migrations: ['0002_reads']})
    expect((await strat('show stage-condor --json')).json).toMatchObject({migrations: {pending: []}, rows: {portfolio_state: 1}})
  })
})

test('the executable says which Node.js it needs', async ({folder}) => {
  const {readFile, writeFile} = await import('node:fs/promises')
  const {execFile} = await import('node:child_process')
  const old = join(folder, 'old.mjs')
  // The version check itself, as an older Node would meet it.
  const pretend = "Object.defineProperty(process.versions, 'node', {value: '20.11.0'});"
  await writeFile(old, `${pretend} await import(${JSON.stringify(bin)})`)
  expect(await readFile(bin, 'utf8')).toContain('#!/usr/bin/env node')
  const result = await new Promise((resolve) => execFile(process.execPath, [old], (error, _, stderr) => resolve({code: error?.code, stderr})))
  expect(result).toEqual({code: 78, stderr: 'strat needs Node.js 24.15 or newer; this is 20.11.0.\n'})
})
