import {describe, expect} from 'vitest'
import {isMarketOpen} from '../../src/fleet/market.ts'
import {execute, query} from '../helpers/database.ts'
import {initial, migration, ownMigrations, writeFiles} from '../helpers/files.ts'
import {databaseFile, makeFleet, openLeg} from '../helpers/fleet.ts'
import type {Result} from '../helpers/strat.ts'
import {runInTerminal} from '../helpers/terminal.ts'
import {test} from '../helpers/test.ts'

const addNote = migration('ALTER TABLE trade_logs ADD COLUMN note TEXT')
const dropPnl = migration('ALTER TABLE trade_logs DROP COLUMN pnl')
const everyDay = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']

/** A market that is open now, and for hours: in a time zone where it is about noon. */
function openMarket(now = new Date()) {
  const offset = now.getUTCHours() - 12
  const market = {timeZone: `Etc/GMT${offset >= 0 ? '+' : ''}${offset}`, days: everyDay, open: '06:00', close: '18:00', holidays: []}
  if (!isMarketOpen(market, now)) throw new Error('It is not open.')
  return market
}

const writeConfig = (folder: string, market: object) => writeFiles(folder, {'strat.config.json': JSON.stringify({migrations: './migrations', market})})

/** A fleet of one stage and two live strategies, with a migration that is pending. */
async function makePending(folder: string, pending: string): Promise<void> {
  await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
  await makeFleet(folder, ['stage-a', 'live-b', 'live-c'])
  await writeFiles(folder, {'migrations/strategy/0002_next.ts': pending})
}

/** Each database with its status, or why it has another. */
const outcomes = ({json}: Result) => Object.fromEntries(json.databases.map(({name, status, code}: Record<string, string>) => [name, code ?? status]))

const ledger = (folder: string, name: string) => query(databaseFile(folder, name), 'SELECT name FROM kysely_migration')

describe('while the market is open', () => {
  test('live strategies wait, and need no confirmation then; --force needs it', async ({folder, strat}) => {
    await makePending(folder, addNote)
    await writeConfig(folder, openMarket())
    const held = await strat('migrate --all --json')
    expect({code: held.code, outcomes: outcomes(held)}).toEqual({
      code: 0,
      outcomes: {'live-b': 'GUARD_MARKET_OPEN', 'live-c': 'GUARD_MARKET_OPEN', 'stage-a': 'applied'},
    })
    expect(held.json.databases[0].reason).toMatch(/^The market is open until 18:00 \(Etc\/GMT/)
    expect((await strat('migrate --all --force --json')).json.error).toMatchObject({code: 'CONFIRMATION_REQUIRED'})
    expect(outcomes(await strat('migrate --all --force --confirm live --json'))).toEqual({'live-b': 'applied', 'live-c': 'applied', 'stage-a': 'current'})
  })

  test.for([
    ['on a holiday', (today: string) => ({holidays: [today]})],
    ['on another weekday', () => ({days: []})],
    ['before it opens', () => ({open: '17:58', close: '17:59'})],
  ] as const)('%s it is not', async ([, closed], {folder, strat}) => {
    await makePending(folder, addNote)
    const market = openMarket()
    const today = new Intl.DateTimeFormat('en-CA', {timeZone: market.timeZone}).format(new Date())
    await writeConfig(folder, {...market, ...closed(today)})
    expect(outcomes(await strat('migrate live-b --confirm live-b --json'))).toEqual({'live-b': 'applied'})
  })
})

describe('a live strategy with open positions', () => {
  const closedMarket = {days: []}

  test('waits, also if it is undone, unless the migration is safe then, or --force; one of the stage does not', async ({folder, strat}) => {
    await makePending(folder, `${addNote}export async function down(db) { await sql\`ALTER TABLE trade_logs DROP COLUMN note\`.execute(db) }\n`)
    await writeConfig(folder, closedMarket)
    for (const name of ['stage-a', 'live-b']) await execute(databaseFile(folder, name), openLeg('1'), openLeg('2'))
    const first = await strat('migrate --all --confirm live --json')
    expect(outcomes(first)).toEqual({'live-b': 'GUARD_OPEN_POSITIONS', 'live-c': 'applied', 'stage-a': 'applied'})
    expect({code: first.code, reason: first.json.databases[0].reason}).toEqual({code: 0, reason: 'live-b has 2 open legs.'})
    expect(await ledger(folder, 'live-b')).toEqual([{name: '0001_initial'}])
    const {run} = (await strat('migrate --all --confirm live --force --json')).json
    expect(await ledger(folder, 'live-b')).toHaveLength(2)
    expect(outcomes(await strat(`migrate undo live-b --run ${run} --confirm live --json`))).toEqual({'live-b': 'GUARD_OPEN_POSITIONS'})
    expect(await ledger(folder, 'live-b')).toHaveLength(2)
  })

  test('is changed by a migration that is safe then', async ({folder, strat}) => {
    await makePending(folder, `${addNote}export const safeWithOpenPositions = true\n`)
    await writeConfig(folder, closedMarket)
    await execute(databaseFile(folder, 'live-b'), openLeg('1'))
    expect(outcomes(await strat('migrate live-b --confirm live-b --json'))).toEqual({'live-b': 'applied'})
    expect(await query(databaseFile(folder, 'live-b'), 'SELECT id FROM active_positions')).toEqual([{id: '1'}])
  })
})

describe('a change of live strategies', () => {
  const closedMarket = {days: []}

  test.for([
    ['', 'CONFIRMATION_REQUIRED'],
    ['--yes', 'CONFIRMATION_REQUIRED'],
    ['--confirm live-b', 'CONFIRMATION_WRONG'],
    ['--confirm stage-a', 'CONFIRMATION_WRONG'],
    ['--confirm LIVE', 'CONFIRMATION_WRONG'],
    ['--confirm live-b --confirm live-c', undefined],
    ['--confirm live', undefined],
  ] as const)('with %s', async ([flags, code], {folder, strat}) => {
    await makePending(folder, addNote)
    await writeConfig(folder, closedMarket)
    const result = await strat(`migrate --all ${flags} --json`)
    expect({exit: result.code, code: result.json.error?.code}).toEqual({exit: code ? 2 : 0, code})
    expect(await ledger(folder, 'stage-a')).toHaveLength(code ? 1 : 2)
    if (code) expect(result.json.error.suggestions).toContain('--confirm live')
    if (code === 'CONFIRMATION_REQUIRED') expect(result.json.error.message).toMatch(/ Confirm it by the word live\.$/)
  })

  test('is confirmed by typing it on a terminal; Ctrl-C there changes nothing', async ({folder, strat}) => {
    await makePending(folder, addNote)
    await writeConfig(folder, closedMarket)
    const wrong = await runInTerminal(['migrate', '--all'], {cwd: folder, input: 'yes\\r'})
    expect(wrong).toMatchObject({
      code: 2,
      screen: expect.stringContaining('"yes" does not confirm a change of 2 live strategies (live-b, live-c); nothing was changed.'),
    })
    const [before = '', ...question] = wrong.screen.split('? This changes')
    expect({isErased: before.endsWith('\r\u001B[2K'), isDisturbed: question.join('').includes('Reading')}).toEqual({isErased: true, isDisturbed: false})
    expect((await runInTerminal(['migrate', '--all'], {cwd: folder, input: '\\x03'})).code).toBe(130)
    expect(await ledger(folder, 'stage-a')).toHaveLength(1)
    const one = await runInTerminal(['migrate', 'live-b'], {cwd: folder, input: 'live-b\\r'})
    expect(one).toMatchObject({code: 0, screen: expect.stringContaining('This changes the live strategy live-b. Type live-b to confirm:')})
    expect(await runInTerminal(['migrate', '--all'], {cwd: folder, input: 'live-c\\r'})).toMatchObject({code: 0})
    expect((await strat('migrate --all --json')).json.summary).toMatchObject({current: 3})
  })
})

test('--confirm and --wave take one value each, and leave the names after it alone', async ({folder, strat}) => {
  await makePending(folder, addNote)
  await writeConfig(folder, {days: []})
  expect(outcomes(await strat('migrate --confirm live live-b --json'))).toEqual({'live-b': 'applied'})
  expect(outcomes(await strat('migrate --wave stage-* stage-a --json'))).toEqual({'stage-a': 'applied'})
})

describe('a migration that drops data', () => {
  test('needs a yes, or --yes, on a terminal', async ({folder}) => {
    await makePending(folder, dropPnl)
    const refused = await runInTerminal(['migrate', 'stage-a'], {cwd: folder, input: '\\r'})
    expect(refused).toMatchObject({
      code: 2,
      screen: expect.stringMatching(/0002_next drops the column pnl of trade_logs.*This drops data in one database\. Go on\?.*Not confirmed/s),
    })
    expect(await ledger(folder, 'stage-a')).toHaveLength(1)
    expect((await runInTerminal(['migrate', 'stage-a'], {cwd: folder, input: 'y\\r'})).code).toBe(0)
    expect(await ledger(folder, 'stage-a')).toHaveLength(2)
    await writeFiles(folder, {'migrations/strategy/0003_next.ts': migration('DROP TABLE trade_logs')})
    expect((await runInTerminal(['migrate', 'stage-a', '--yes'], {cwd: folder})).code).toBe(0)
  })

  test('is told to a job, and done; live strategies need their confirmation all the same', async ({folder, strat}) => {
    await makePending(folder, dropPnl)
    await writeConfig(folder, {days: []})
    expect((await strat('migrate --all --yes --json')).json.error).toMatchObject({code: 'CONFIRMATION_REQUIRED', suggestions: ['--confirm live']})
    const {code, stderr} = await strat('migrate stage-a')
    expect({code, stderr}).toMatchObject({code: 0, stderr: expect.stringContaining('Warning: 0002_next drops the column pnl of trade_logs\n')})
  })
})
