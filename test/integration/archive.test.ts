import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {archive, chainFaults, idsIn, makeFleet, rows, test} from '../helpers/archive-fleet.ts'
import {execute} from '../helpers/database.ts'
import {databaseFile} from '../helpers/fleet.ts'

describe('strat archive', () => {
  test('moves what is closed of every strategy into an archive that it makes, and finds nothing to do the second time', async ({folder, run}) => {
    const names = ['live-butterfly', 'stage-blank', 'stage-condor']
    await makeFleet(run, folder, names)
    const first = await run('archive --all --json')
    expect({code: first.code, ...first.json}).toMatchObject({
      code: 0,
      archive,
      strategies: names.map((name) => ({name, status: 'archived', moved: 20, kept: 1, stuck: 1, batches: [{rows: 20}], rowsRead: null})),
      summary: {archived: 3, moved: 60, failed: 0},
    })
    for (const name of names) expect(await idsIn(folder, name)).toEqual(['leg'])
    expect(await idsIn(folder, archive)).toHaveLength(60)
    expect(await chainFaults(folder)).toEqual([])
    const [last] = await rows(folder, archive, 'SELECT head_sha256 FROM archive_batches ORDER BY sequence DESC LIMIT 1')
    expect(first.json.head).toBe(last?.['head_sha256'])
    const second = await run('archive --all --json')
    expect({code: second.code, ...second.json}).toMatchObject({code: 0, head: first.json.head, summary: {current: 3, moved: 0}})
  })

  test('works on Turso with tokens that may do no more than it needs, and counts rows as the servers do', async ({folder, runThere, dev}) => {
    await makeFleet(runThere, folder, ['stage-blank', 'stage-condor'])
    await runThere('create archive --secrets none')
    dev.requests.length = 0
    const {code, json} = await runThere('archive --all --json')
    expect({code, ...json}).toMatchObject({code: 0, archive: 'archive', summary: {archived: 2, moved: 40}})
    const minted = dev.requests.filter((line) => line.includes('/auth/tokens')).map((line) => line.replace(/\?.*/, ''))
    expect(minted.sort()).toEqual(['archive', 'stage-blank', 'stage-condor'].map((name) => `POST /v1/organizations/local/databases/${name}/auth/tokens`))
    const [figures] = json.strategies
    expect(figures.rowsWritten).toBeGreaterThanOrEqual(40)
    expect(figures.rowsRead).toBeGreaterThan(20)
  })

  test('writes nothing in a dry run, not even an archive', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    const {code, json, stdout} = await run('archive --all --dry-run --json')
    expect({code, ...json}, stdout).toMatchObject({
      code: 0,
      archive: null,
      head: null,
      strategies: [{name: 'stage-condor', status: 'due', moved: 0, ready: 20, kept: 1, stuck: 1}],
    })
    expect(await idsIn(folder, 'stage-condor')).toHaveLength(21)
    expect((await run('list --json')).json.strategies).toHaveLength(1)
  })

  test('copies without deleting, and the next run ends it', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    const copied = await run('archive stage-condor --no-delete --json')
    expect({code: copied.code, ...copied.json}).toMatchObject({code: 0, head: null, strategies: [{status: 'copied', moved: 0, ready: 20}]})
    expect(await idsIn(folder, 'stage-condor')).toHaveLength(21)
    expect((await run('archive stage-condor --json')).json).toMatchObject({strategies: [{status: 'archived', moved: 20, batches: [{rows: 20}]}]})
    expect(await idsIn(folder, 'stage-condor')).toEqual(['leg'])
    expect(await chainFaults(folder)).toEqual([])
  })

  test('moves no more trades than it is told, over all strategies, and goes on in the next run', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-blank', 'stage-condor'])
    const first = await run('archive --all --max-rows 8 --json')
    expect({code: first.code, ...first.json}).toMatchObject({
      code: 0,
      strategies: [
        {name: 'stage-blank', moved: 8, stopped: 'max-rows'},
        {name: 'stage-condor', status: 'skipped', code: 'ARCHIVE_LIMIT'},
      ],
    })
    expect((await run('archive --all --json')).json.summary).toMatchObject({archived: 2, moved: 32})
  })

  test('tells a person of trades that never close, and how to find out why', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    const {stdout, stderr} = await run('archive stage-condor')
    expect(stdout).toBe('NAME\tSTATUS\tMOVED\tKEPT\tSTUCK\tDETAIL\nstage-condor\tarchived\t20\t1\t1\t\n')
    expect(stderr).toContain('stuck, as no trade to come closes them: 1 trade of BANKNIFTY, the oldest of 2025-02-03')
    expect(stderr).toContain('strat archive explain stage-condor BANKNIFTY')
    expect(stderr).toMatch(/Head of the chain in trade-logs-archive: [0-9a-f]{64}/)
  })

  test('keeps what is open by a position, also under the name of its underlying', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    const file = databaseFile(folder, 'stage-condor')
    await execute(
      file,
      "INSERT INTO active_positions (id, symbol, strike, option_type, quantity, entry_price) VALUES ('p', 'NIFTY25JAN22000CE', 22000, 'CE', 50, 1)",
    )
    const {json} = await run('archive stage-condor --json')
    expect(json.strategies).toMatchObject([
      {status: 'current', moved: 0, kept: 21, keptReasons: [{symbol: 'BANKNIFTY'}, {symbol: 'NIFTY', reason: 'POSITION_OPEN'}]},
    ])
  })

  test.for([
    ['into a strategy', 'archive stage-condor --into stage-blank', 'KIND_WRONG', 2],
    ['into what is not there', 'archive stage-condor --into archives', 'STRATEGY_NOT_FOUND', 1],
    ['without saying into which of two', 'archive stage-condor', 'ARCHIVE_AMBIGUOUS', 2],
    ['without saying of what', 'archive', 'SELECTION_EMPTY', 2],
    ['without saying what is to be explained', 'archive explain stage-condor', 'USAGE', 2],
    ['into one of an older schema', 'archive stage-condor --into live-archive', 'ARCHIVE_BEHIND', 1],
  ] as const)('%s: refuses, and moves nothing', async ([, args, code, exit], {folder, run}) => {
    await makeFleet(run, folder, ['stage-blank', 'stage-condor'])
    for (const name of ['archive', 'live-archive']) await run(`create ${name} --secrets none`)
    const {name} = (await rows(folder, 'live-archive', 'SELECT name FROM kysely_migration ORDER BY name DESC LIMIT 1'))[0] ?? {}
    for (const table of ['kysely_migration', 'strat_migration'])
      await execute(databaseFile(folder, 'live-archive'), `DELETE FROM ${table} WHERE name = '${name}'`)
    const refused = await run(`${args} --json`)
    expect({exit: refused.code, code: refused.json.error.code}).toEqual({exit, code})
    expect(await idsIn(folder, 'stage-condor')).toHaveLength(21)
  })

  test('fails for what is no strategy, or lacks its table, and does the others', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-blank', 'stage-condor'])
    await run('create archive --secrets none')
    await execute(databaseFile(folder, 'notes'), 'CREATE TABLE notes (x)')
    await execute(databaseFile(folder, 'stage-blank'), 'ALTER TABLE trade_logs RENAME TO trade_logs_2024')
    const all = await run('archive --all --json')
    expect({code: all.code, ...all.json}).toMatchObject({
      code: 3,
      unmarked: ['notes'],
      strategies: [
        {name: 'stage-blank', status: 'failed', code: 'TABLE_MISSING'},
        {name: 'stage-condor', status: 'archived'},
      ],
      summary: {causes: [{count: 1, example: 'stage-blank'}]},
    })
    const named = await run('archive archive notes --json')
    expect({code: named.code, ...named.json}).toMatchObject({code: 3, strategies: [{code: 'KIND_WRONG'}, {code: 'STRATEGY_NOT_OURS'}]})
  })

  test('tells GitHub Actions of the head of the chain', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    const summary = join(folder, 'summary.md')
    const {json} = await run('archive --all --json', {env: {GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary}})
    expect(await readFile(summary, 'utf8')).toContain(`Head of the chain in trade-logs-archive: ${json.head}`)
  })
})
