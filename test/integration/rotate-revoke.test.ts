import {describe, expect} from 'vitest'
import {type FaultyDev, usingFaultyDev} from '../helpers/faulty-dev.ts'
import {botsIn, desk, expectNoneTwice, expectRevoked, makeGroup, probeAll} from '../helpers/revocation.ts'
import {type Result, type RunOptions, usingFolder} from '../helpers/strat.ts'
import {test as base} from '../helpers/test.ts'

type Run = (dev: FaultyDev, folder: string, args: string, options?: RunOptions) => Promise<Result>

/** `run` is `strat rotate` on a server; no output of it may hold a token. */
const test = base.extend<{run: Run}>({
  run: async ({strat}, use) =>
    use(async ({url, server}, cwd, args, options) => {
      const env = {STRAT_PLATFORM: 'turso', TURSO_API_BASEURL: url, TURSO_API_TOKEN: server.apiToken, TURSO_ORGANIZATION: server.organization}
      const result = await strat(`rotate ${args}`, {cwd, env, ...options})
      expect(result.stdout + result.stderr).not.toMatch(/eyJ/)
      expect(result.stdout + result.stderr).not.toContain(server.apiToken)
      return result
    }),
})

/** Lends a server and a folder with the secrets of the bots of its group. */
const usingGroup = (use: (dev: FaultyDev, folder: string) => Promise<void>) => usingFolder((folder) => usingFaultyDev((dev) => use(dev, folder)))

describe('strat rotate --revoke', () => {
  test('shows whom it reaches, and does nothing until the name is given', ({run}) =>
    usingGroup(async (dev, folder) => {
      const before = await makeGroup(desk(dev, folder), folder)
      dev.requests.length = 0
      const {code, stderr} = await run(dev, folder, 'live-condor --revoke')
      expect(code).toBe(2)
      expect(stderr).toContain('3 databases whose bots get new tokens, and take no writes meanwhile: live-condor, stage-condor, stage-frozen')
      expect(stderr).toContain('1 database not made by strat, whose tokens are not replaced: not-ours')
      expect(stderr).toContain('CONFIRMATION_REQUIRED')
      expect(await run(dev, folder, 'live-condor --revoke --confirm stage-condor')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('CONFIRMATION_WRONG'),
      })
      expect(dev.requests.filter((line) => line.startsWith('PATCH') || line.includes('rotate'))).toEqual([])
      expect(await botsIn(folder)).toEqual(before)
      expect(await probeAll(before)).toEqual(['accepted', 'accepted', 'accepted'])
    }))

  test('tells what died, and what it could not do exits with 3 and is done by the next run', ({run}) =>
    usingGroup(async (dev, folder) => {
      const before = await makeGroup(desk(dev, folder), folder)
      dev.faults.push({match: /stage-condor\/auth\/tokens\?expiration=(?!1h&)/, times: 9, respond: {status: 402, body: {error: 'no'}}})
      const failed = await run(dev, folder, 'live-condor --revoke --confirm live-condor')
      expect(failed).toMatchObject({code: 3, stdout: expect.stringContaining('stage-condor\tfailed\t\tTURSO_PLAN_LIMIT')})
      expect(failed.stderr).toContain('1 database not made by strat may need new tokens: not-ours')
      expect(failed.stderr).toContain('Next: strat rotate live-condor --revoke, which goes on')
      dev.faults.length = 0
      const {code, json} = await run(dev, folder, 'live-condor --revoke --confirm live-condor --json')
      expect({code, json}).toMatchObject({code: 0, json: {target: 'live-condor', dead: {length: 4}, unmarked: ['not-ours'], finished: true}})
      expect(json.strategies).toHaveLength(3)
      await expectRevoked(desk(dev, folder), folder, before)
    }))

  test.for(['--revoke', 'stage-a stage-b --revoke', 'stage-a --revoke --all', 'stage-a --revoke --check', 'stage-a --confirm stage-a'])(
    'is for one strategy alone: rotate %s',
    async (args, {strat}) => {
      expect(await strat(`rotate ${args}`)).toMatchObject({code: 2})
    },
  )
})

describe('strat rotate --revoke, killed at its requests', () => {
  const command = 'live-condor --revoke --confirm live-condor --json'
  const changes = /^PATCH|auth\//

  test('leaves what the next run ends: good tokens for all, and nothing blocked', {timeout: 600_000}, async ({run}) => {
    let lines: string[] = []
    await usingGroup(async (dev, folder) => {
      await makeGroup(desk(dev, folder), folder)
      dev.requests.length = 0
      await run(dev, folder, command)
      lines = [...dev.requests]
    })
    // All that change something, and of those that only read some.
    const indices = lines.flatMap((line, index) => (changes.test(line) || index % 12 === 0 ? [index + 1] : []))
    expect(indices.length).toBeGreaterThan(10)
    for (const index of indices) {
      await usingGroup(async (dev, folder) => {
        const before = await makeGroup(desk(dev, folder), folder)
        dev.requests.length = 0
        let kill = () => {}
        dev.watch = (line) => {
          if (dev.requests.length !== index) return
          // What only reads is not carried out; what changes something is, and the answer comes to nobody.
          const isChange = changes.test(line)
          if (!isChange) kill()
          dev.faults.push({match: /./, fail: isChange ? 'lose' : 'reset', afterwards: () => kill()})
        }
        const {signal} = await run(dev, folder, command, {onSpawn: (child) => (kill = () => child.kill('SIGKILL'))})
        dev.watch = () => undefined
        const title = `killed at ${dev.requests[index - 1]} (${index})`
        expect(signal, title).toBe('SIGKILL')
        expect((await run(dev, folder, command)).json, title).toMatchObject({finished: true})
        await expectRevoked(desk(dev, folder), folder, before, title)
        expectNoneTwice(dev.requests, title)
      })
    }
  })
})
