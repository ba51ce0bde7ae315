import {describe, expect} from 'vitest'
import {deleteLeftoverForks} from '../../src/migrator/leftover-forks.ts'
import {localPlatform} from '../../src/platform/local.ts'
import {tursoPlatform} from '../../src/platform/turso.ts'
import {type DevServer, usingDev} from '../helpers/dev.ts'
import {applying, forkNameOf, rehearse, valuesIn} from '../helpers/rehearsal.ts'
import {runStrat} from '../helpers/strat.ts'
import {test} from '../helpers/test.ts'

/** The platform that a server's variables tell, and its database `live-condor`, which `strat create` made. */
async function openOn(folder: string, dev: DevServer) {
  const variables = dev.variables()
  expect(await runStrat(['create', 'live-condor'], {cwd: folder, env: variables})).toMatchObject({code: 0})
  const platform = tursoPlatform({apiUrl: dev.url, apiToken: variables['TURSO_API_TOKEN'], organization: null, group: 'default'})
  const source = await platform.getDatabase('live-condor')
  if (!source) throw new Error('There is no live-condor.')
  return {platform, source}
}

async function armFault(dev: DevServer, fault: object): Promise<void> {
  const {status} = await fetch(`${dev.url}/_faults`, {method: 'POST', body: JSON.stringify(fault)})
  expect(status).toBe(201)
}

const deletingTrades = applying('ALTER TABLE trade_logs ADD COLUMN note TEXT', 'DELETE FROM portfolio_state')

describe.each([[], ['--strict'], ['--cloud']].map((flags) => [flags.join(' '), flags] as const))('a rehearsal over strat dev %s', (_, flags) => {
  test('compares rows, waits for a host that is new, and leaves nothing', ({folder}) =>
    usingDev(folder, [...flags], async (dev) => {
      const {platform, source} = await openOn(folder, dev)
      await armFault(dev, {match: 'POST /dev/strat-rehearsal-*', respond: {status: 404}, times: 2})
      const result = await rehearse(platform, source, applying('ALTER TABLE trade_logs ADD COLUMN note TEXT'))
      expect(result.tables).toContainEqual({name: 'portfolio_state', before: 1, after: 1})
      await expect(rehearse(platform, source, deletingTrades)).rejects.toMatchObject({
        code: 'REHEARSAL_FAILED',
        message: expect.stringContaining('portfolio_state lost rows (1 before, 0 after)'),
      })
      expect(await platform.listDatabases()).toEqual([source])
      expect(await valuesIn(platform, source, 'SELECT count(*) FROM portfolio_state')).toEqual([1])
    }))
})

test('a copy that a crash left is not ours to any command, and is deleted through the server', ({folder}) =>
  usingDev(folder, [], async (dev) => {
    const {platform, source} = await openOn(folder, dev)
    const name = forkNameOf(120)
    await platform.forkDatabase(source, name)
    const strat = (args: string) => runStrat(args.split(' '), {cwd: folder, env: dev.variables()})
    expect((await strat('list --all-databases --json')).json).toMatchObject({strategies: [{name: 'live-condor'}], databases: [{name}]})
    expect((await strat('migrate --all --json')).json).toMatchObject({databases: [{name: 'live-condor'}], unmarked: []})
    const databases = await platform.listDatabases()
    expect(await deleteLeftoverForks(platform, databases, (message) => expect.unreachable(message))).toEqual({deleted: [name], younger: []})
    expect((await localPlatform({directory: `${folder}/.strat`, group: 'default'}).listDatabases()).map((database) => database.name)).toEqual(['live-condor'])
  }))
