import {describe, expect} from 'vitest'
import {archive, chainFaults, idsIn, insert, leg, makeFleet, rows, test} from '../helpers/archive-fleet.ts'
import {roundTrip, type Trade} from '../helpers/archive-pair.ts'
import {execute} from '../helpers/database.ts'
import {databaseFile} from '../helpers/fleet.ts'

describe('strat archive, killed at any of its requests', () => {
  test('leaves every trade once, and the next run ends it', {timeout: 120_000}, async ({folder, dev, runThere}) => {
    await makeFleet(runThere, folder, ['stage-condor'])
    await runThere('archive --all')
    let killed = 0
    for (let index = 1; killed === index - 1; index++) {
      const more = roundTrip('NIFTY', '2025-02-01', 100 + index)
      await insert(folder, 'stage-condor', more)
      const began = dev.requests.length
      let kill = () => {}
      dev.watch = (request) => {
        if (request === began + index) kill()
      }
      const {signal} = await runThere('archive --all', {onSpawn: (child) => (kill = () => child.kill('SIGKILL'))})
      dev.watch = () => undefined
      if (signal === 'SIGKILL') killed = index
      const there = new Set([...(await idsIn(folder, 'stage-condor')), ...(await idsIn(folder, archive))])
      expect(there.size, `killed at request ${index}`).toBe(21 + 4 * index)
      const again = await runThere('archive --all --json')
      expect({code: again.code, failed: again.json.summary.failed}, again.stdout).toEqual({code: 0, failed: 0})
      expect(await idsIn(folder, 'stage-condor'), `after a kill at request ${index}`).toEqual(['leg'])
      expect(await idsIn(folder, archive)).toHaveLength(20 + 4 * index)
      expect(await chainFaults(folder)).toEqual([])
    }
    expect(killed).toBeGreaterThan(10)
  })

  test('interrupted by Ctrl-C, ends the batch that has begun, and says so', async ({folder, dev, runThere}) => {
    await makeFleet(runThere, folder, ['stage-condor'])
    await runThere('create archive --secrets none')
    let interrupt = () => {}
    dev.watch = (_, line) => {
      if (!line.includes('/dev/stage-condor/')) return
      dev.watch = () => undefined
      interrupt()
    }
    const {code, json} = await runThere('archive --all --json', {onSpawn: (child) => (interrupt = () => child.kill('SIGINT'))})
    expect({code, interrupted: json.interrupted}).toEqual({code: 130, interrupted: true})
    expect((await runThere('archive --all --json')).json.summary.failed).toBe(0)
    expect(await idsIn(folder, 'stage-condor')).toEqual(['leg'])
    expect(await idsIn(folder, 'archive')).toHaveLength(20)
  })
})

describe('strat destroy', () => {
  const destroy = 'destroy stage-condor --confirm stage-condor --json'

  test('archives all trades first, those that are not closed in batches that say so', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    expect((await run(destroy)).json).toMatchObject({status: 'destroyed', archivedRows: 21, discardedRows: 0})
    expect(await rows(folder, archive, 'SELECT row_count, is_open FROM archive_batches ORDER BY sequence')).toEqual([
      {row_count: 20, is_open: 0},
      {row_count: 1, is_open: 1},
    ])
    expect(await chainFaults(folder)).toEqual([])
    expect((await run('list --json')).json.strategies).toMatchObject([{name: archive}])
  })

  test('keeps the strategy where its trades cannot be archived, and its bot from adding more', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    await execute(databaseFile(folder, 'stage-condor'), "INSERT INTO trade_logs VALUES ('odd', '2025-01-01 09:15:00', 'ODD', 'BUY', 1, x'00', 'ENTRY', NULL)")
    const {code, json} = await run(destroy)
    expect({code, error: json.error}).toMatchObject({code: 1, error: {code: 'TRADES_PRESENT', message: expect.stringContaining('1 trade log')}})
    expect(await idsIn(folder, 'stage-condor')).toEqual(['odd'])
    await expect(insert(folder, 'stage-condor', [leg])).rejects.toThrow('this strategy is being destroyed')
    await run('create stage-condor --secrets none')
    await insert(folder, 'stage-condor', [['next', ...leg.slice(1)] as Trade])
  })

  test('with --discard-trades first ends what an earlier run began, so that nothing waits to be sealed', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor', 'stage-fly'])
    await run('archive --all --no-delete')
    expect((await run(`${destroy} --discard-trades`)).json).toMatchObject({status: 'destroyed', archivedRows: 20, discardedRows: 1})
    expect(await rows(folder, archive, 'SELECT count(*) AS rows, count(sealed_at) AS sealed FROM archive_batches')).toEqual([{rows: 2, sealed: 1}])
    expect(await chainFaults(folder)).toEqual([])
    // The copy is another than the trade now, and the run that made it may still delete it.
    await execute(databaseFile(folder, 'stage-fly'), 'UPDATE trade_logs SET price = price + 1')
    const {code, json} = await run('destroy stage-fly --confirm stage-fly --discard-trades --json')
    expect({code, error: json.error}).toMatchObject({
      code: 1,
      error: {code: 'ARCHIVE_RACE', suggestions: expect.arrayContaining(['strat destroy stage-fly goes on.'])},
    })
    expect(await idsIn(folder, 'stage-fly')).toHaveLength(21)
  })
})
