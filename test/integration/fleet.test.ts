import {rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {describe, expect} from 'vitest'
import {createContext} from '../../src/context.ts'
import {createHere, destroyHere} from '../helpers/commands-here.ts'
import {execute, query, usingFile} from '../helpers/database.ts'
import {snapshot} from '../helpers/files.ts'
import {test} from '../helpers/test.ts'

const database = (folder: string, name = 'stage-condor') => join(folder, '.strat', `${name}.db`)
const trade = (id: string) =>
  `INSERT INTO trade_logs (id, symbol, action, quantity, price, execution_reason) VALUES ('${id}', 'NIFTY', 'BUY', 50, 101.5, 'ENTRY')`
const leg = (id: string) =>
  `INSERT INTO active_positions (id, symbol, strike, option_type, quantity, entry_price) VALUES ('${id}', 'NIFTY', 22000, 'CE', 50, 101.5)`

describe('strat list', () => {
  test('shows the fleet, in order of name', async ({strat}) => {
    for (const name of ['stage-condor', 'archive', 'live-butterfly']) await strat(`create ${name}`)
    const {json} = await strat('list --json')
    expect(json.warnings).toEqual([])
    expect(json.strategies).toEqual([
      {
        name: 'archive',
        kind: 'archive',
        stage: null,
        template: 'archive',
        url: expect.stringMatching(/^file:/),
        createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      },
      {name: 'live-butterfly', kind: 'strategy', stage: 'live', template: 'butterfly', url: expect.any(String), createdAt: expect.any(String)},
      {name: 'stage-condor', kind: 'strategy', stage: 'stage', template: 'condor', url: expect.any(String), createdAt: expect.any(String)},
    ])
    const {stdout} = await strat('list')
    expect(stdout.split('\n').map((line) => line.split('\t')[0])).toEqual(['NAME', 'archive', 'live-butterfly', 'stage-condor', ''])
  })

  test('says where it looked and what to do when there is nothing', async ({folder, strat}) => {
    const {code, stdout, stderr} = await strat('list')
    expect({code, stdout}).toEqual({code: 0, stdout: ''})
    expect(stderr).toContain(join(folder, '.strat'))
    expect((await strat('list --json')).json).toEqual({strategies: [], warnings: []})
    expect(await snapshot(folder)).toEqual({})
  })

  test('counts databases that are not ours, and shows them when asked', async ({folder, strat}) => {
    await strat('create stage-condor')
    await execute(database(folder, 'notes'), 'CREATE TABLE notes (x)')
    expect((await strat('list --json')).json).toMatchObject({
      strategies: [{name: 'stage-condor'}],
      warnings: ['1 database not made by strat: strat list --all-databases'],
    })
    expect((await strat('list --all-databases --json')).json).toMatchObject({strategies: [{name: 'stage-condor'}], databases: [{name: 'notes'}], warnings: []})
  })

  test('goes on past a file that is no database, and names it', async ({folder, strat}) => {
    await strat('create stage-condor')
    await writeFile(database(folder, 'broken'), 'This is not a database. '.repeat(100))
    const {code, json} = await strat('list --json')
    expect(code).toBe(3)
    expect(json.strategies).toHaveLength(1)
    expect(json.warnings).toEqual([expect.stringContaining(`${database(folder, 'broken')} is damaged, or not a libSQL database at all`)])
  })
})

describe('strat show', () => {
  test('tells everything about a strategy', async ({folder, strat}) => {
    await strat('create stage-condor')
    await execute(
      database(folder),
      trade('t1'),
      trade('t2'),
      leg('p1'),
      'INSERT INTO portfolio_state (capital_allocated, free_margin, daily_stop_loss) VALUES (1000, 900.5, 10)',
    )
    expect((await strat('show stage-condor --json')).json).toEqual({
      name: 'stage-condor',
      kind: 'strategy',
      stage: 'stage',
      template: 'condor',
      url: pathToFileURL(database(folder)).href,
      group: 'default',
      createdAt: expect.stringMatching(/Z$/),
      migrations: {executed: ['0001_initial'], pending: []},
      rows: {portfolio_state: 2, active_positions: 1, trade_logs: 2},
      openPositions: 1,
      trades: 2,
      capital: {allocated: 1000, freeMargin: 900.5, dailyStopLoss: 10, updatedAt: expect.stringMatching(/^\d{4}-/)},
      token: {
        expiresAt: expect.stringMatching(/Z$/),
        issuedAt: expect.stringMatching(/Z$/),
        allows: expect.stringMatching(/^active_positions:data_add,data_delete,data_read,data_update .* trade_logs:data_add,data_read$/),
        permissions: [
          {tables: ['trade_logs'], actions: ['data_read', 'data_add']},
          {tables: ['portfolio_state', 'active_positions'], actions: ['data_read', 'data_add', 'data_update', 'data_delete']},
        ],
      },
      secrets: ['TURSO_DB_URL', 'TURSO_AUTH_TOKEN'].map((name) => ({store: 'dotenv', scope: '.env.stage-condor', name})),
      warnings: [],
    })
    const {stdout} = await strat('show stage-condor')
    expect(stdout).toContain('Positions   1 open leg\n')
    expect(stdout).toContain('Capital     1,000 allocated, 900.5 free\n')
  })

  test('of an archive tells its batches', async ({strat}) => {
    await strat('create archive')
    expect((await strat('show archive')).stdout).toContain('Archive     no trades in no batches\n')
    expect((await strat('show archive --json')).json).toMatchObject({kind: 'archive', capital: null, rows: {trade_logs: 0, archive_batches: 0}})
  })

  test('suggests the name that was meant', async ({strat}) => {
    await strat('create stage-condor')
    const {code, json} = await strat('show stage-condro --json')
    expect({code, error: json.error}).toMatchObject({code: 1, error: {code: 'STRATEGY_NOT_FOUND', suggestions: ['stage-condor']}})
  })
})

describe('strat destroy', () => {
  test('deletes a strategy whose name is given twice', async ({folder, strat}) => {
    await strat('create stage-condor')
    expect((await strat('destroy stage-condor --confirm stage-condor --json')).json).toEqual({
      name: 'stage-condor',
      archivedRows: 0,
      secretsRemoved: ['TURSO_DB_URL', 'TURSO_AUTH_TOKEN'],
      status: 'destroyed',
      discardedRows: 0,
    })
    expect(Object.keys(await snapshot(folder)).sort()).toEqual(['.strat/.gitignore', '.strat/platform.sqlite'])
    expect((await strat('create stage-condor --json')).json.status).toBe('created')
  })

  test.for([
    ['without a confirmation', [], '', 'CONFIRMATION_REQUIRED', 2],
    ['with another name', [], '--confirm stage-x', 'CONFIRMATION_WRONG', 2],
    ['into what could be no archive', [trade('t1')], '--confirm stage-condor --into stage-fly', 'STRATEGY_NOT_FOUND', 1],
    ['with open positions', [leg('p1')], '--confirm stage-condor', 'OPEN_POSITIONS', 1],
    ['with open positions, whatever becomes of the trades', [trade('t1'), leg('p1')], '--confirm stage-condor --discard-trades', 'OPEN_POSITIONS', 1],
    ['that is not there', [], 'stage-gone', 'USAGE', 2],
  ] as const)('%s: refuses, and changes nothing', async ([, statements, flags, code, exit], {folder, strat}) => {
    await strat('create stage-condor')
    await execute(database(folder), ...statements)
    const before = await query(database(folder), 'SELECT (SELECT count(*) FROM trade_logs) AS trades, (SELECT count(*) FROM active_positions) AS legs')
    const {code: exitCode, json} = await strat(`destroy stage-condor ${flags} --json`)
    expect({exitCode, code: json.error.code}).toEqual({exitCode: exit, code})
    expect(await query(database(folder), 'SELECT (SELECT count(*) FROM trade_logs) AS trades, (SELECT count(*) FROM active_positions) AS legs')).toEqual(before)
  })

  test('tells everything that stands in the way at once', async ({folder, strat}) => {
    await strat('create stage-condor')
    await execute(database(folder), 'ALTER TABLE trade_logs RENAME TO trade_logs_2026', leg('p1'), leg('p2'))
    const {json} = await strat('destroy stage-condor --confirm stage-condor --json')
    expect(json.error).toMatchObject({
      code: 'OPEN_POSITIONS',
      message: 'stage-condor holds 2 open legs, and has no table trade_logs, so nobody can tell what became of its rows.',
    })
    expect(json.error.suggestions).toHaveLength(2)
  })

  test.for([
    ['trade_logs', 'TRADES_PRESENT', '--discard-trades'],
    ['active_positions', 'OPEN_POSITIONS', '--force'],
  ] as const)('does not take a missing table %s for an empty one', async ([table, code, flag], {folder, strat}) => {
    await strat('create stage-condor')
    await execute(database(folder), `ALTER TABLE ${table} RENAME TO ${table}_2026`)
    expect((await strat('destroy stage-condor --confirm stage-condor --json')).json.error).toMatchObject({
      code,
      message: expect.stringContaining(`has no table ${table}`),
    })
    expect((await strat('show stage-condor')).stdout).toContain(`the table ${table} is missing`)
    expect((await strat(`destroy stage-condor --confirm stage-condor ${flag} --json`)).json.status).toBe('destroyed')
  })

  test('loses trades only when told to', async ({folder, strat}) => {
    await strat('create stage-condor')
    await execute(database(folder), trade('t1'), trade('t2'))
    expect((await strat('destroy stage-condor --discard-trades --confirm stage-condor --json')).json).toMatchObject({status: 'destroyed', discardedRows: 2})
  })

  test('keeps the bot from adding trades while it destroys, and only then', async ({folder, strat}) => {
    await strat('create live-condor')
    await execute(join(folder, '.strat/platform.sqlite'), 'UPDATE databases SET delete_protection = 1')
    expect((await strat('destroy live-condor --confirm live-condor --json')).json.error.code).toBe('DATABASE_DELETE_PROTECTED')
    await execute(database(folder, 'live-condor'), trade('t1'))
    expect((await strat('migrate status --json')).json.databases).toMatchObject([{name: 'live-condor', pending: []}])
    expect(await query(database(folder, 'live-condor'), "SELECT name FROM sqlite_schema WHERE type = 'trigger'")).toEqual([])
  })

  test('of many at once, one destroys at least, and no trade that was committed is lost', {timeout: 60_000}, async ({folder, strat}) => {
    for (let round = 0; round < 5; round++) {
      await strat('create stage-condor')
      const destroying = Promise.all([strat('destroy stage-condor --confirm stage-condor --json'), strat('destroy stage-condor --confirm stage-condor --json')])
      let committed = false
      let isOver = false
      const bot = (async () => {
        while (!committed && !isOver) {
          await new Promise(setImmediate)
          await usingFile(database(folder), (client) => client.execute(trade(`t${round}`))).then(
            () => {
              committed = true
            },
            () => undefined,
          )
        }
      })()
      const results = await destroying
      isOver = true
      await bot
      const destroyed = results.filter(({code}) => code === 0)
      const errors = results.filter(({code}) => code !== 0).map(({json}) => json.error.code)
      expect(destroyed.length, JSON.stringify(errors)).toBeGreaterThan(0)
      if (committed) expect(await query(database(folder, 'trade-logs-archive'), 'SELECT id FROM trade_logs')).toEqual([{id: `t${round}`}])
      for (const code of errors)
        expect([
          'ARCHIVE_RACE',
          'DATABASE_GONE',
          'TRADES_PRESENT',
          'STRATEGY_NOT_FOUND',
          'DATABASE_NOT_FOUND',
          'STRATEGY_INCOMPLETE',
          'DATABASE_BUSY',
        ]).toContain(code)
      await rm(join(folder, '.strat'), {recursive: true, force: true})
    }
  })

  test('interrupted after it has stopped the bot, is told, and create lets the bot go on', async ({folder, strat}) => {
    await strat('create stage-condor')
    await execute(
      database(folder),
      "CREATE TRIGGER strat_destroying_trade_logs BEFORE INSERT ON trade_logs BEGIN SELECT RAISE(ABORT, 'this strategy is being destroyed'); END",
    )
    expect((await strat('show stage-condor --json')).json.error).toMatchObject({
      code: 'STRATEGY_INCOMPLETE',
      message: expect.stringContaining('its bot cannot add trades'),
    })
    expect((await strat('migrate stage-condor --json')).json.databases).toMatchObject([{status: 'failed', code: 'STRATEGY_INCOMPLETE'}])
    expect((await strat('create stage-condor --json')).json).toMatchObject({
      status: 'existing',
      warnings: [expect.stringContaining('its bot may add trades again')],
    })
    await execute(database(folder), trade('t1'))
    expect((await strat('show stage-condor --json')).json.trades).toBe(1)
  })

  test('killed before any of its steps, leaves what can be destroyed again, and then created', {timeout: 120_000}, async ({folder, strat}) => {
    const killer = new URL('../helpers/kill-at.mjs', import.meta.url).href
    const {openDelivery} = await createContext({cwd: folder, env: {}, flags: {}})
    let killed = 0
    for (let step = 1; ; step++) {
      await createHere({folder, env: {}}, 'stage-condor', await openDelivery())
      const first = await strat('destroy stage-condor --confirm stage-condor', {nodeArgs: ['--import', killer], env: {KILL_AT: String(step)}})
      if (first.signal !== 'SIGKILL') break
      killed = step
      const again = await destroyHere({folder, env: {}}, 'stage-condor').then(
        ({status}) => status,
        ({code}) => code,
      )
      expect(again, `killed before step ${step}`).toMatch(/^(destroyed|STRATEGY_NOT_FOUND)$/)
      expect(Object.keys(await snapshot(folder)).sort(), `killed before step ${step}`).toEqual(['.strat/.gitignore', '.strat/platform.sqlite'])
    }
    expect(killed).toBeGreaterThan(20)
  })

  test('never deletes archived trades', async ({folder, strat}) => {
    await strat('create archive')
    await execute(
      database(folder, 'archive'),
      "INSERT INTO trade_logs VALUES ('db', '1', 'stage-condor', '2026-01-01', 'NIFTY', 'BUY', 1, 1.5, 'ENTRY', NULL, 'hash', 'batch')",
    )
    const {json} = await strat('destroy archive --confirm archive --discard-trades --force --json')
    expect(json.error.code).toBe('ARCHIVE_NOT_EMPTY')
    expect(await query(database(folder, 'archive'), 'SELECT count(*) AS rows FROM trade_logs')).toEqual([{rows: 1}])
  })

  test('never touches a database that is not ours', async ({folder, strat}) => {
    await strat('create stage-other')
    await execute(database(folder), 'CREATE TABLE mine (x)')
    expect((await strat('destroy stage-condor --confirm stage-condor --discard-trades --json')).json.error.code).toBe('STRATEGY_NOT_OURS')
    expect(await query(database(folder), 'SELECT name FROM sqlite_schema')).toEqual([{name: 'mine'}])
  })
})
