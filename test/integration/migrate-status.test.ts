import {rm} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {execute} from '../helpers/database.ts'
import {initial, migration, ownMigrations, writeFiles} from '../helpers/files.ts'
import {copyStrategy, databaseFile, makeFleet} from '../helpers/fleet.ts'
import {test} from '../helpers/test.ts'

const addNote = migration('ALTER TABLE trade_logs ADD COLUMN note TEXT')
const addTag = migration('CREATE TABLE tag (x)')

describe('strat migrate status', () => {
  test('shows those that stand alike in one row: pending, drifted with the difference, and exits with 3', async ({folder, strat}) => {
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial, '0002_note.ts': addNote}))
    await makeFleet(folder, ['stage-a', 'stage-b', 'stage-c', 'live-d', 'stage-drifted'])
    await execute(databaseFile(folder, 'stage-drifted'), 'ALTER TABLE trade_logs ADD COLUMN byhand TEXT', 'CREATE INDEX mine ON trade_logs (symbol)')
    await writeFiles(folder, {'migrations/strategy/0003_tag.ts': addTag})
    const {code, stdout, stderr} = await strat('migrate status')
    expect({code, stderr}).toEqual({code: 3, stderr: 'Next: strat migrate plan --all\n'})
    expect(stdout).toBe(`DATABASES\tCOUNT\tKIND\tEXECUTED\tPENDING\tSTATE
live-d, stage-a, stage-b and 1 more\t4\tstrategy\t2\t0003_tag\tok
stage-drifted\t1\tstrategy\t2\t0003_tag\tdrifted: index mine, table trade_logs

1 database drifted (stage-drifted): - as the ledger says, + as it is
index mine is not known to the migrations:
  + create index mine on trade_logs (symbol)

table trade_logs differs:
    …
      pnl real
      note text
  +   byhand text
    )
`)
    expect((await strat('migrate status --json')).json).toMatchObject({
      classes: [{databases: ['live-d', 'stage-a', 'stage-b', 'stage-c'], pending: ['0003_tag'], drift: []}, {databases: ['stage-drifted']}],
      databases: [{name: 'live-d', drifted: false}, {name: 'stage-a'}, {name: 'stage-b'}, {name: 'stage-c'}, {name: 'stage-drifted', drifted: true}],
    })
    expect(await strat('migrate status --stage live')).toMatchObject({code: 0})
  })

  test('tells edited, missing and overtaken migrations apart', async ({folder, strat}) => {
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial, '0003_tag.ts': addTag}))
    await makeFleet(folder, ['stage-overtaken'])
    await writeFiles(folder, {'migrations/strategy/0004_gone.ts': migration('CREATE TABLE gone (x)')})
    await makeFleet(folder, ['stage-missing'])
    await rm(join(folder, 'migrations/strategy/0004_gone.ts'))
    await writeFiles(folder, {'migrations/strategy/0002_note.ts': addNote, 'migrations/strategy/0003_tag.ts': migration('CREATE TABLE tag (x, y)')})
    const {code, json} = await strat('migrate status --json')
    expect({code, databases: json.databases}).toMatchObject({
      code: 3,
      databases: [
        {name: 'stage-missing', missing: ['0004_gone'], edited: ['0003_tag'], outOfOrder: ['0002_note']},
        {name: 'stage-overtaken', missing: [], edited: ['0003_tag'], outOfOrder: ['0002_note'], pending: ['0002_note']},
      ],
    })
    expect((await strat('migrate status')).stdout).toContain('edited: 0003_tag; missing: 0004_gone; out of order: 0002_note')
  })

  test('names what cannot be read, and those that are not ours', async ({folder, strat}) => {
    await makeFleet(folder, ['stage-a'])
    await writeFiles(folder, {'.strat/stage-broken.db': 'This is not a database. '.repeat(100)})
    await execute(databaseFile(folder, 'foreign'), 'CREATE TABLE mine (x)')
    const {code, json} = await strat('migrate status --json')
    expect({code, json}).toMatchObject({
      code: 3,
      json: {databases: [{name: 'stage-a'}, {name: 'stage-broken', code: 'DATABASE_CORRUPT'}], unmarked: ['foreign']},
    })
    const {stdout, stderr} = await strat('migrate status')
    expect(stdout).toContain('stage-broken\t1\t-\t-\t-\tDATABASE_CORRUPT: ')
    expect(stderr).toContain('Warning: 1 database not made by strat left alone: foreign\n')
  })
})

describe('a database that was changed by hand', () => {
  const byHand = 'CREATE INDEX mine ON trade_logs (symbol)'

  test('is left alone with its difference told, unless --allow-drift', async ({folder, strat}) => {
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
    await makeFleet(folder, ['stage-a', 'stage-drifted'])
    await execute(databaseFile(folder, 'stage-drifted'), byHand)
    await writeFiles(folder, {'migrations/strategy/0002_note.ts': addNote})
    const {code, stdout, stderr} = await strat('migrate --all')
    expect({code, stdout}).toEqual({code: 0, stdout: 'NAME\tSTATUS\tDETAIL\nstage-a\tapplied\t0002_note\nstage-drifted\tskipped\tSCHEMA_DRIFTED\n'})
    expect(stderr).toContain(
      'Warning: 1 database drifted (stage-drifted): - as the ledger says, + as it is\nindex mine is not known to the migrations:\n  + create index mine',
    )
    expect(stderr).toContain('1 database skipped, as stage-drifted: The schema is not what the ledger says: index mine is not known.')
    expect((await strat('migrate --all --json')).json).toMatchObject({drift: [{databases: ['stage-drifted'], differences: [{type: 'index', name: 'mine'}]}]})
    expect((await strat('migrate --all --allow-drift --json')).json.databases).toMatchObject([
      {name: 'stage-a', status: 'current'},
      {name: 'stage-drifted', status: 'applied', migrations: ['0002_note']},
    ])
  })

  test('is adopted and migrated if it is what was pasted, else told how it differs', async ({folder, strat}) => {
    await makeFleet(folder, ['stage-other'])
    const pasted = [
      'CREATE TABLE portfolio_state (\n  id INTEGER PRIMARY KEY AUTOINCREMENT,\n  capital_allocated REAL NOT NULL,\n  free_margin REAL NOT NULL,\n  daily_stop_loss REAL NOT NULL,\n  updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP\n)',
      'CREATE TABLE active_positions (\n  id TEXT PRIMARY KEY, -- UUID\n  symbol TEXT NOT NULL,\n  strike REAL NOT NULL,\n  option_type TEXT NOT NULL, -- CE | PE\n  quantity INTEGER NOT NULL,\n  entry_price REAL NOT NULL,\n  stop_loss REAL,\n  target_price REAL,\n  entry_time TIMESTAMP DEFAULT CURRENT_TIMESTAMP\n)',
      'CREATE TABLE trade_logs (\n  id TEXT PRIMARY KEY, -- UUID\n  timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP,\n  symbol TEXT NOT NULL,\n  action TEXT NOT NULL, -- BUY | SELL\n  quantity INTEGER NOT NULL,\n  price REAL NOT NULL,\n  execution_reason TEXT NOT NULL,\n  pnl REAL\n)',
    ]
    await execute(databaseFile(folder, 'live-pasted'), ...pasted)
    await execute(databaseFile(folder, 'live-other'), ...pasted.slice(0, 2), 'CREATE TABLE trade_logs (id TEXT PRIMARY KEY, symbol TEXT NOT NULL)')
    expect((await strat('adopt live-pasted --json')).json).toMatchObject({status: 'adopted', baseline: ['0001_initial']})
    const differs = await strat('adopt live-other --json')
    expect({code: differs.code, error: differs.json.error}).toMatchObject({
      code: 1,
      error: {code: 'SCHEMA_DIFFERS', message: expect.stringContaining('trade_logs')},
    })
    expect((await strat('migrate status --json')).json).toMatchObject({
      classes: [{databases: ['live-pasted'], drift: []}, {databases: ['stage-other']}],
      unmarked: ['live-other'],
    })
    expect((await strat('migrate --all --json')).json.summary).toMatchObject({current: 2, failed: 0})
    await copyStrategy(folder, 'live-pasted', 'live-twin')
    expect((await strat('adopt live-twin --json')).json).toMatchObject({status: 'existing'})
  })
})
