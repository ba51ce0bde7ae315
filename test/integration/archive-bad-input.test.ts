import {describe, expect} from 'vitest'
import {archive, chainFaults, idsIn, insert, makeFleet, rows, test} from '../helpers/archive-fleet.ts'
import {roundTrip, type Trade} from '../helpers/archive-pair.ts'
import {execute} from '../helpers/database.ts'
import {databaseFile} from '../helpers/fleet.ts'
import type {WatchedDev} from '../helpers/watched-dev.ts'

/** What is wrong with the first trade of a symbol: the assignment that makes it so, and why its trades stay. */
const wrong: [symbol: string, assignment: string, reason: string][] = [
  ['MIXED', "timestamp = '2025-01-10T09:15:00Z'", 'TIMESTAMP_MIXED'],
  ['FUTURE', "timestamp = '2095-01-10 09:15:00'", 'TIMESTAMP_FUTURE'],
  ['NEVER', 'timestamp = NULL', 'TIMESTAMP_MISSING'],
  ['WORDS', "timestamp = 'yesterday'", 'TIMESTAMP_INVALID'],
  ['ENDLESS', 'timestamp = 9e999', 'TIMESTAMP_INVALID'],
  ['ZERO', 'quantity = 0', 'QUANTITY_INVALID'],
  ['MINUS', 'quantity = -50', 'QUANTITY_INVALID'],
  ['HOLD', "action = 'HOLD'", 'ACTION_UNKNOWN'],
  ['WHIM', "execution_reason = 'WHIM'", 'REASON_UNKNOWN'],
  ['UNPAID', "execution_reason = 'EXPIRY', pnl = NULL", 'PNL_MISSING'],
  ['INFINITE', 'pnl = 9e999', 'PNL_INVALID'],
  ['BLOB', "id = x'00ff'", 'ID_INVALID'],
  ['NAMELESS', 'id = NULL', 'ID_INVALID'],
]

describe('trades that are not as a bot should write them', () => {
  test('stay, each with a reason, that explain tells as well; the others go', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    // What was closed before the row in question goes.
    const later = [...roundTrip('LATER', '2025-01-09'), ...roundTrip('LATER', '2025-01-10')]
    await insert(folder, 'stage-condor', [...wrong.flatMap(([symbol]) => roundTrip(symbol, '2025-01-10')), ...later])
    for (const [symbol, assignment] of [...wrong, ['LATER', 'pnl = -9e999']])
      await execute(databaseFile(folder, 'stage-condor'), `UPDATE trade_logs SET ${assignment} WHERE id = '${symbol}-2025-01-10-0-a'`)
    const {code, json} = await run('archive stage-condor --json')
    expect({code, ...json}).toMatchObject({
      code: 3,
      strategies: [{status: 'archived', moved: 24, kept: 1 + 4 * 14, odd: {rows: 5}}],
      summary: {failed: 0, remaining: 1},
    })
    const reasons = new Map(json.strategies[0].keptReasons.map(({symbol, reason}: {symbol: string; reason: string}) => [symbol, reason]))
    expect(reasons).toEqual(new Map([['BANKNIFTY', 'NOT_FLAT'], ...wrong.map(([symbol, , reason]) => [symbol, reason] as const), ['LATER', 'PNL_INVALID']]))
    expect(await rows(folder, archive, 'SELECT symbol, count(*) AS rows FROM trade_logs GROUP BY symbol')).toEqual([
      {symbol: 'LATER', rows: 4},
      {symbol: 'NIFTY', rows: 20},
    ])
    const explained = await run('archive explain stage-condor INFINITE --json')
    expect(explained.json).toMatchObject({
      closed: {rows: 0},
      kept: [{rows: 4, reason: 'PNL_INVALID'}],
      stuck: true,
      problems: [{ids: ['INFINITE-2025-01-10-0-a']}],
    })
    const {stdout, stderr} = await run('archive explain stage-condor BLOB')
    expect(stdout).toContain("x'00ff'")
    expect(stderr).toContain(
      "4 trades kept: from here on a row has an id that is no text.\n1 trade where from here on a row has an id that is no text: x'00ff'.",
    )
    const again = await run('archive stage-condor')
    expect(again.code).toBe(3)
    expect(again.stderr).toContain("5 trades that no archive takes as they are: ENDLESS-2025-01-10-0-a, INFINITE-2025-01-10-0-a, x'00ff' and 2 more.")
  })
})

describe('--into', () => {
  test('makes the archive that it names, and a dry run does not', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    expect(await run('archive stage-condor --into live-archive --dry-run --json')).toMatchObject({code: 0, json: {archive: null}})
    expect((await run('list --json')).json.strategies).toHaveLength(1)
    expect(await run('archive stage-condor --into live-archive --json')).toMatchObject({code: 0, json: {archive: 'live-archive', summary: {moved: 20}}})
    expect(await chainFaults(folder, 'live-archive')).toEqual([])
    expect((await run('list --json')).json.strategies).toMatchObject([{name: 'live-archive', kind: 'archive'}, {name: 'stage-condor'}])
    expect((await run('archive verify stage-archive --json')).json.error).toMatchObject({code: 'STRATEGY_NOT_FOUND'})
  })

  test('of what is no archive is refused, and nothing is made', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    const notFound = {code: 'STRATEGY_NOT_FOUND', message: expect.stringContaining('its name must be archive, or end with -archive')}
    for (const [into, error] of [
      ['stage-butterfly', notFound],
      ['archives --dry-run', notFound],
      ['Live-archive', {code: 'STRATEGY_NAME_INVALID', message: expect.stringContaining('only lower-case letters')}],
    ] as const)
      expect((await run(`archive stage-condor --into ${into} --json`)).json.error).toMatchObject(error)
    expect((await run('list --json')).json.strategies).toHaveLength(1)
    expect(await idsIn(folder, 'stage-condor')).toHaveLength(21)
  })
})

describe('--max-rows', () => {
  test('that lets nothing go fails, and says how many it must be', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    const {code, json} = await run('archive --all --max-rows 3 --json')
    expect({code, ...json}).toMatchObject({code: 3, strategies: [{stopped: 'max-rows', tooMany: 4}], summary: {moved: 0, gotNowhere: true}})
    expect((await run('archive --all --max-rows 3')).stderr).toContain('--max-rows lets nothing be moved: at least 4 trades go together.\n  Try: --max-rows 4')
    expect((await run('archive --all --max-rows 4 --json')).json).toMatchObject({summary: {moved: 4}})
  })
})

describe('a strategy that fails', () => {
  test('after some of its trades were moved tells of these', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    await run('archive stage-condor')
    const days = Array.from({length: 250}, (_, index) => new Date(Date.UTC(2024, 0, 1 + index)).toISOString().slice(0, 10))
    // The same ids as those that are archived, at other prices.
    const changed = roundTrip('NIFTY', '2025-01-10').map((trade) => trade.with(5, 7) as Trade)
    await insert(folder, 'stage-condor', [...days.flatMap((day) => roundTrip('AXIS', day)), ...changed])
    const {code, json} = await run('archive stage-condor --json')
    expect({code, ...json}).toMatchObject({
      code: 3,
      strategies: [{status: 'failed', code: 'ARCHIVE_CONFLICT', moved: 1000, batches: [{rows: 1000, head: json.head}]}],
      summary: {failed: 1, moved: 1000},
    })
    expect(await idsIn(folder, 'stage-condor')).toHaveLength(5)
    expect(await chainFaults(folder)).toEqual([])
  })

  test('because the archive or it is blocked goes on when it is not', async ({folder, runThere, dev}) => {
    await makeFleet(runThere, folder, ['stage-condor'])
    await runThere('create archive --secrets none')
    for (const name of ['archive', 'stage-condor']) {
      await block(dev, name, true)
      const {code, json} = await runThere('archive stage-condor --json')
      expect({code, ...json}).toMatchObject({code: 3, head: null, strategies: [{status: 'failed', code: 'DATABASE_BLOCKED', moved: 0}]})
      expect(json.strategies[0].reason).toContain(name)
      expect(await idsIn(folder, 'stage-condor')).toHaveLength(21)
      await block(dev, name, false)
    }
    expect(await runThere('archive stage-condor --json')).toMatchObject({code: 0, json: {summary: {moved: 20}}})
    expect(await chainFaults(folder, 'archive')).toEqual([])
  })
})

test('trades that were moved are told of also where the head of the chain cannot be read any more', async ({folder, runThere, dev}) => {
  await makeFleet(runThere, folder, ['stage-condor'])
  await runThere('create archive --secrets none')
  dev.requests.length = 0
  await runThere('archive --all --json')
  const last = dev.requests.length
  await insert(folder, 'stage-condor', roundTrip('NIFTY', '2025-01-20'))
  dev.requests.length = 0
  dev.fault = {index: last, status: 400, body: 'no more'}
  const {code, json} = await runThere('archive --all --json')
  expect({code, requests: dev.requests.length, ...json}).toMatchObject({code: 0, requests: last, summary: {moved: 4}, head: json.strategies[0].batches[0].head})
})

async function block({url, apiToken}: WatchedDev, name: string, block_writes: boolean): Promise<void> {
  const headers = {authorization: `Bearer ${apiToken}`, 'content-type': 'application/json'}
  const configuration = `${url}/v1/organizations/local/databases/${name}/configuration`
  const {status} = await fetch(configuration, {method: 'PATCH', headers, body: JSON.stringify({block_writes})})
  expect(status).toBe(200)
}
