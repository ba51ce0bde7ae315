import {describe, expect} from 'vitest'
import {execute, query} from '../helpers/database.ts'
import {initial, migration, ownMigrations, writeFiles} from '../helpers/files.ts'
import {databaseFile, makeFleet} from '../helpers/fleet.ts'
import {forkNameOf} from '../helpers/rehearsal.ts'
import {test} from '../helpers/test.ts'

const trade = (id: string) =>
  `INSERT INTO trade_logs (id, symbol, action, quantity, price, execution_reason) VALUES ('${id}', 'NIFTY', 'BUY', 50, 101.5, 'ENTRY')`

async function makePending(folder: string, next: string): Promise<void> {
  await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
  await makeFleet(folder, ['stage-a', 'stage-b'])
  await execute(databaseFile(folder, 'stage-a'), trade('1'), trade('2'))
  await writeFiles(folder, {'migrations/strategy/0002_next.ts': next})
}

const ledger = (folder: string) => query(databaseFile(folder, 'stage-b'), 'SELECT name FROM kysely_migration')

describe('strat migrate --rehearse', () => {
  test('tries it on a copy with rows, which is deleted, as are those that a crash left, before it does it', async ({folder, strat}) => {
    await makePending(folder, migration('ALTER TABLE trade_logs ADD COLUMN note TEXT'))
    const [left, young] = [forkNameOf(90), forkNameOf(5)]
    for (const copy of [left, young]) await execute(databaseFile(folder, 'stage-a'), `VACUUM INTO '${databaseFile(folder, copy)}'`)
    const {code, json} = await strat('migrate --all --rehearse --json')
    expect({code, json}).toMatchObject({
      code: 0,
      json: {
        databases: [
          {name: 'stage-a', status: 'applied'},
          {name: 'stage-b', status: 'applied'},
        ],
        rehearsals: [{database: 'stage-a', fork: expect.stringMatching(/^strat-rehearsal-/)}],
        warnings: [
          `Deleted copies that an earlier rehearsal left: ${left}.`,
          `Copies of another rehearsal, going on or interrupted within the hour: ${young}.`,
        ],
      },
    })
    expect(json.rehearsals[0].tables).toContainEqual({name: 'trade_logs', before: 2, after: 2})
    const {strategies, databases} = (await strat('list --all-databases --json')).json
    expect([...strategies, ...databases].map(({name}: {name: string}) => name).sort()).toEqual(['stage-a', 'stage-b', young].sort())
  })

  test('copies nothing where there are no rows but those of the bookkeeping', async ({folder, strat}) => {
    await makePending(folder, migration('ALTER TABLE trade_logs ADD COLUMN note TEXT'))
    for (const name of ['stage-a', 'stage-b']) await execute(databaseFile(folder, name), 'DELETE FROM trade_logs', 'DELETE FROM portfolio_state')
    expect((await strat('migrate --all --rehearse --json')).json).toMatchObject({summary: {applied: 2}, rehearsals: []})
  })

  test('stops before any database where rows would be lost that the migration does not say it deletes', async ({folder, strat}) => {
    const loses = [
      'CREATE TABLE new_trade_logs (id TEXT PRIMARY KEY, symbol TEXT)',
      "INSERT INTO new_trade_logs SELECT id, symbol FROM trade_logs WHERE id <> '2'",
      'DROP TABLE trade_logs',
      'ALTER TABLE new_trade_logs RENAME TO trade_logs',
    ]
    await makePending(folder, migration(...loses))
    const {code, json} = await strat('migrate --all --yes --rehearse --json')
    expect({code, error: json.error}).toMatchObject({
      code: 1,
      error: {code: 'REHEARSAL_FAILED', message: expect.stringContaining('trade_logs lost rows (2 before, 1 after)')},
    })
    expect(await ledger(folder)).toHaveLength(1)
    expect((await strat('list --all-databases --json')).json.databases).toEqual([])
  })

  test('finds what only shows where there are rows', async ({folder, strat}) => {
    await makePending(folder, migration('CREATE UNIQUE INDEX one ON trade_logs ((1))'))
    const {code, json} = await strat('migrate --all --rehearse --json')
    expect({code, error: json.error}).toMatchObject({
      code: 1,
      error: {
        code: 'REHEARSAL_FAILED',
        message: expect.stringMatching(/^On a copy of stage-a, 0002_next failed.*UNIQUE constraint failed.*Statement: CREATE UNIQUE INDEX one/),
        suggestions: [expect.stringContaining('no database of the fleet was touched')],
      },
    })
    expect(await ledger(folder)).toHaveLength(1)
  })
})
