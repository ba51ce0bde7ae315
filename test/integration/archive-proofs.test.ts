import {createHash} from 'node:crypto'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {archive, insert, makeFleet, rows, test} from '../helpers/archive-fleet.ts'
import type {Trade} from '../helpers/archive-pair.ts'
import {execute} from '../helpers/database.ts'
import {writeFiles} from '../helpers/files.ts'
import {databaseFile} from '../helpers/fleet.ts'

describe('strat archive explain', () => {
  test('shows the run of a symbol, its cut, and why what comes after it stays', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    await insert(folder, 'stage-condor', [['late', '2025-02-10 09:15:00', 'NIFTY', 'SELL', 50, 1, 'STOP_LOSS_LEG', null]])
    const {code, json} = await run('archive explain stage-condor NIFTY --json')
    expect({code, ...json}).toMatchObject({
      code: 0,
      closed: {rows: 20, until: '2025-01-14 10:15:00'},
      kept: [{rows: 1, reason: 'PNL_MISSING', because: 'from here on an exit has no pnl'}],
      stuck: true,
      open: null,
      problems: [{reason: 'PNL_MISSING', ids: ['late']}],
    })
    expect(json.trades.slice(0, 4).map(({net, unexited, isPossibleCut}: Record<string, unknown>) => [net, unexited, isPossibleCut])).toEqual([
      [50, 50, false],
      [0, 100, false],
      [-50, 50, false],
      [0, 0, true],
    ])
    const {stdout, stderr} = await run('archive explain stage-condor BANKNIFTY')
    expect(stdout.split('\n')).toEqual([
      'TIME\tID\tACTION\tQUANTITY\tREASON\tPNL\tNET\tOPEN\tCLOSED',
      '2025-02-03 09:15:00\tleg\tSELL\t25\tENTRY\t\t-25\t25\t',
      '',
    ])
    expect(stderr).toContain('1 trade kept: what was bought and what was sold differ.')
  })

  test('tells what is open by the positions, and suggests the symbol that was meant', async ({folder, runThere}) => {
    await makeFleet(runThere, folder, ['stage-condor'])
    const position = "INSERT INTO active_positions (id, symbol, strike, option_type, quantity, entry_price) VALUES ('p', 'NIFTY', 1, 'CE', -75, 1)"
    await execute(databaseFile(folder, 'stage-condor'), position)
    const {json} = await runThere('archive explain stage-condor NIFTY --json')
    expect(json).toMatchObject({closed: {rows: 0, until: null}, kept: [{rows: 20, reason: 'POSITION_OPEN'}], open: {contracts: 75, net: -75}})
    expect((await runThere('archive explain stage-condor NIFT --json')).json.error).toMatchObject({
      code: 'SYMBOL_UNKNOWN',
      suggestions: expect.arrayContaining(['NIFTY']),
    })
  })
})

describe('strat archive verify', () => {
  test('finds an archive as it was sealed, and after tampering tells what and where', async ({folder, runThere}) => {
    await makeFleet(runThere, folder, ['stage-condor'])
    const {head} = (await runThere('archive --all --json')).json
    const sound = await runThere(`archive verify --head ${head}`)
    expect(sound).toMatchObject({code: 0, stdout: `${archive} is as it was sealed: 1 batch, 20 trades\n`})
    const id = 'NIFTY-2025-01-10-0-a'
    const triggers = ['DROP TRIGGER trade_logs_update', 'DROP TRIGGER trade_logs_update_batch', 'DROP TRIGGER trade_logs_update_key']
    await execute(databaseFile(folder, archive), ...triggers, `UPDATE trade_logs SET price = price + 0.05 WHERE id = '${id}'`)
    const altered = await runThere('archive verify --json')
    expect({code: altered.code, ...altered.json}).toMatchObject({code: 1, archive, rows: 20, counts: {'row-altered': 1}, problems: [{kind: 'row-altered', id}]})
    expect((await runThere('archive export --fy 2024-25 --json')).json.error.code).toBe('ARCHIVE_ALTERED')
  })

  test('finds a chain that was cut off by the head that was kept, and tells GitHub Actions', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    await run('archive --all')
    const summary = join(folder, 'summary.md')
    const {code} = await run(`archive verify --head ${'0'.repeat(64)}`, {env: {GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary}})
    expect(code).toBe(1)
    expect(await readFile(summary, 'utf8')).toContain('head-missing')
  })

  test('says so where there is no archive, or the head is none', async ({folder, run}) => {
    expect((await run('archive verify --json')).json.error.code).toBe('ARCHIVE_MISSING')
    await makeFleet(run, folder, ['stage-condor'])
    await run('archive --all')
    const {code, json} = await run('archive verify --head latest --json')
    expect({code, error: json.error.code}).toEqual({code: 2, error: 'USAGE'})
  })
})

describe('strat archive export', () => {
  test.for(['csv', 'jsonl', 'parquet'])('writes a financial year as %s, with a manifest that proves it', async (format, {folder, runThere}) => {
    await makeFleet(runThere, folder, ['stage-condor'])
    const {head} = (await runThere('archive --all --json')).json
    const {code, json} = await runThere(`archive export --fy 2024-25 --format ${format} --json`)
    expect({code, ...json}).toMatchObject({code: 0, out: 'trades-2024-25', head, range: {from: '2024-04-01', to: '2025-03-31'}, files: [{rows: 20}]})
    const bytes = await readFile(join(folder, 'trades-2024-25', `trades.${format}`))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(json.files[0].sha256)
    const {out: _, ...manifest} = json
    expect(JSON.parse(await readFile(join(folder, 'trades-2024-25/manifest.json'), 'utf8'))).toEqual(manifest)
  })

  test('begins the year where the settings say, and writes nothing over what is there', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    await run('archive --all')
    await writeFiles(folder, {'strat.config.json': JSON.stringify({market: {financialYearStart: 1}})})
    expect((await run('archive export --fy 2025 --json')).json.range).toEqual({from: '2025-01-01', to: '2025-12-31'})
    expect((await run('archive export --fy 2025 --json')).json.error.code).toBe('OUTPUT_EXISTS')
    expect((await run('archive export --fy 2025-26 --json')).json.error.code).toBe('USAGE')
    expect((await run('archive export --json')).json.error.code).toBe('USAGE')
    expect((await run('archive export --from 2025-01-10 --to 2025-01-10 --out day --json')).json.files).toMatchObject([{rows: 4}])
  })

  test('has the trades of a destroyed strategy, closed or not', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    await insert(folder, 'stage-condor', [['other', '2025-02-03 10:15:00', 'SENSEX', 'BUY', 10, 0.1, 'ENTRY', null] satisfies Trade])
    await run('destroy stage-condor --confirm stage-condor')
    expect((await run('archive export --fy 2024-25 --json')).json.files).toMatchObject([{rows: 22}])
    expect(await rows(folder, archive, 'SELECT DISTINCT strategy FROM trade_logs')).toEqual([{strategy: 'stage-condor'}])
  })
})
