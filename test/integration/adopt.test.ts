import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {execute, query} from '../helpers/database.ts'
import {initial, migration, ownMigrations, writeFiles} from '../helpers/files.ts'
import {test} from '../helpers/test.ts'

const database = (folder: string, name = 'live-condor') => join(folder, '.strat', `${name}.db`)

/** The three tables as somebody might have typed them. */
const byHand = [
  'create table "portfolio_state" (\n  id integer primary key autoincrement, -- the key\n  capital_allocated real not null, free_margin real not null,\n  daily_stop_loss real not null, updated_at timestamp default current_timestamp)',
  'CREATE TABLE active_positions (id TEXT PRIMARY KEY, symbol TEXT NOT NULL, strike REAL NOT NULL, option_type TEXT NOT NULL, quantity INTEGER NOT NULL, entry_price REAL NOT NULL, stop_loss REAL, target_price REAL, entry_time TIMESTAMP DEFAULT CURRENT_TIMESTAMP)',
  'CREATE TABLE IF NOT EXISTS trade_logs (id TEXT PRIMARY KEY, timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP, symbol TEXT NOT NULL, action TEXT NOT NULL, quantity INTEGER NOT NULL, price REAL NOT NULL, execution_reason TEXT NOT NULL, pnl REAL)',
]

describe('strat adopt', () => {
  test('takes over a database made by hand, and changes no table and no row of it', async ({folder, strat}) => {
    await strat('create stage-other')
    await execute(database(folder), ...byHand, 'INSERT INTO portfolio_state (capital_allocated, free_margin, daily_stop_loss) VALUES (7, 7, 7)')
    const tables = "SELECT name, sql FROM sqlite_schema WHERE name IN ('portfolio_state', 'active_positions', 'trade_logs') ORDER BY name"
    const before = await query(database(folder), tables)
    expect((await strat('adopt live-condor --json')).json).toEqual({
      name: 'live-condor',
      kind: 'strategy',
      template: 'condor',
      baseline: ['0001_initial'],
      status: 'adopted',
    })
    expect(await query(database(folder), tables)).toEqual(before)
    expect(await query(database(folder), 'SELECT capital_allocated FROM portfolio_state')).toEqual([{capital_allocated: 7}])
    expect((await strat('list --json')).json.strategies.map(({name}: {name: string}) => name)).toEqual(['live-condor', 'stage-other'])
    expect((await strat('migrate live-condor --confirm live-condor --json')).json.databases).toMatchObject([{status: 'current'}])
    expect((await strat('adopt live-condor --json')).json).toMatchObject({status: 'existing', baseline: []})
  })

  test('baselines the fewest migrations that make the schema: the others still run', async ({folder, strat}) => {
    await writeFiles(
      folder,
      ownMigrations({
        '0001_initial.ts': initial,
        '0002_data.ts': migration('UPDATE portfolio_state SET free_margin = 1'),
        '0003_note.ts': migration('ALTER TABLE trade_logs ADD COLUMN note TEXT'),
      }),
    )
    await strat('create stage-other')
    await execute(database(folder), ...byHand)
    expect((await strat('adopt live-condor --json')).json.baseline).toEqual(['0001_initial'])
    expect((await strat('migrate live-condor --confirm live-condor --json')).json.databases).toMatchObject([{migrations: ['0002_data', '0003_note']}])
  })

  test('says how a schema differs, and changes nothing', async ({folder, strat}) => {
    await strat('create stage-other')
    await execute(
      database(folder),
      ...byHand.slice(0, 2),
      'CREATE TABLE trade_logs (id TEXT PRIMARY KEY, symbol TEXT)',
      'CREATE INDEX by_symbol ON trade_logs (symbol)',
    )
    const before = await query(database(folder), 'SELECT * FROM sqlite_schema')
    const {code, json} = await strat('adopt live-condor --json')
    expect({code, error: json.error.code}).toEqual({code: 1, error: 'SCHEMA_DIFFERS'})
    expect(json.error.message).toContain('index by_symbol is not known to the migrations')
    expect(json.error.message).toContain('table trade_logs is create table trade_logs ( id text primary key , symbol text ) instead of')
    expect(await query(database(folder), 'SELECT * FROM sqlite_schema')).toEqual(before)
  })

  test('takes over a copy of a strategy, under its own name', async ({folder, strat}) => {
    await strat('create stage-condor')
    await execute(database(folder, 'stage-condor'), `VACUUM INTO '${database(folder)}'`)
    expect((await strat('adopt live-condor --json')).json).toMatchObject({status: 'adopted', baseline: ['0001_initial']})
    expect(await query(database(folder), 'SELECT strategy FROM strat_meta')).toEqual([{strategy: 'live-condor'}])
    expect(await query(database(folder, 'stage-condor'), 'SELECT strategy FROM strat_meta')).toEqual([{strategy: 'stage-condor'}])
  })

  test.for([
    ['adopt live-gone', 'STRATEGY_NOT_FOUND', 1],
    ['adopt Live', 'STRATEGY_NAME_INVALID', 2],
    ['adopt', 'USAGE', 2],
  ] as const)('%s: %s', async ([args, code, exit], {strat}) => {
    const result = await strat(`${args} --json`)
    expect({code: result.json.error.code, exit: result.code}).toEqual({code, exit})
  })

  test('has nothing to adopt in an empty database', async ({folder, strat}) => {
    await strat('create stage-other')
    await execute(database(folder), 'VACUUM')
    expect((await strat('adopt live-condor --json')).json.error).toMatchObject({
      code: 'STRATEGY_INCOMPLETE',
      suggestions: ['strat create live-condor makes them.'],
    })
  })
})
