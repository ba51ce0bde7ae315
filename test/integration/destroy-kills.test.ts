import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, vi} from 'vitest'
import {createContext} from '../../src/context.ts'
import {archive, chainFaults, closed, idsIn, insert, leg, rows, test} from '../helpers/archive-fleet.ts'
import {createHere, destroyHere} from '../helpers/commands-here.ts'
import {databaseFile} from '../helpers/fleet.ts'
import {usingRotation} from '../helpers/rotation.ts'
import {runStrat} from '../helpers/strat.ts'

const name = 'stage-condor'
const destroy = `destroy ${name} --confirm ${name} --json`
const trades = [...closed.slice(0, 4), leg]

/** Makes sure that nothing is left of it but its trades, in the archive, as often as one of that name was destroyed. */
async function expectDestroyed(folder: string, times: number, title: string): Promise<void> {
  const unsealed = await rows(folder, archive, 'SELECT * FROM archive_batches WHERE sealed_at IS NULL')
  expect(
    {archived: (await idsIn(folder, archive)).length, unsealed, database: existsSync(databaseFile(folder, name)), faults: await chainFaults(folder)},
    title,
  ).toEqual({archived: times * trades.length, unsealed: [], database: false, faults: []})
}

/** Requests after which all is as before. */
const changesNothing = /^GET |auth\/tokens/

const destroyed = {status: 'destroyed', discardedRows: 0}

describe.concurrent('strat destroy, killed at any of its requests, is ended by the same command', () => {
  test('its bot has its secrets in a file', {timeout: 180_000}, async ({folder, dev, runThere, expect}) => {
    const secrets = join(folder, `.env.${name}`)
    const {openDelivery} = await createContext({cwd: folder, env: dev.env, flags: {}})
    /** Kills it at the first request from there on that does not come right after one that changed nothing. */
    const runAndKill = async (from: number, fail: 'reset' | 'lose') => {
      await createHere({folder, env: dev.env}, name, await openDelivery('dotenv'))
      await insert(folder, name, trades)
      dev.requests.length = 0
      let [at, kill] = [0, () => {}]
      dev.watch = (index) => {
        if (at > 0 || index < from) return
        if (fail === 'reset' && changesNothing.test(dev.requests[index - 2] ?? '')) return
        at = index
        dev.fault = {index, fail}
        kill()
      }
      const {signal, stdout, stderr} = await runThere(destroy, {onSpawn: (child) => (kill = () => child.kill('SIGKILL'))})
      Object.assign(dev, {watch: () => undefined, fault: undefined})
      expect(signal, stdout + stderr).toBe(at > 0 ? 'SIGKILL' : null)
      if (at === 0) expect(JSON.parse(stdout), stderr).toMatchObject(destroyed)
      return {at, last: dev.requests.length, title: `killed at request ${at}: ${dev.requests[at - 1]}`}
    }
    for (let [round, run] = [1, await runAndKill(1, 'reset')]; ; run = await runAndKill(run.at + 1, 'reset'), round++) {
      if (run.at > 0 && !existsSync(secrets)) expect(await idsIn(folder, name), run.title).toEqual([])
      if (run.at > 0) expect(await destroyHere({folder, env: dev.env}, name), run.title).toMatchObject(destroyed)
      await expectDestroyed(folder, round, run.title)
      expect(existsSync(secrets), run.title).toBe(false)
      if (run.at > 0) continue
      expect(round).toBeGreaterThan(15)
      // The last one deletes the database: here it is carried out, and the answer comes to nobody.
      const {title} = await runAndKill(run.last, 'lose')
      expect(title).toContain(': DELETE ')
      await vi.waitUntil(() => !existsSync(databaseFile(folder, name)))
      expect(existsSync(secrets), title).toBe(false)
      await expectDestroyed(folder, round + 1, title)
      expect((await runThere(destroy)).json.error.code).toBe('STRATEGY_NOT_FOUND')
      return
    }
  })

  test('its bot has its secrets on GitHub', {timeout: 180_000}, async ({expect}) => {
    await usingRotation([], async (rotation) => {
      const {folder, github, env, delivery} = rotation
      let rounds = 0
      const destroyKilledAt = async (index: number) => {
        rounds += 1
        await createHere(rotation, name, rotation.delivery)
        await insert(folder, name, trades)
        github.requests.length = 0
        let kill = () => {}
        github.watch = () => (github.requests.length === index ? kill() : undefined)
        if (index > 0) github.faults.push({match: /./, skip: index - 1, fail: 'reset'})
        const {signal} = await runStrat(destroy.split(' '), {cwd: folder, env, onSpawn: (child) => (kill = () => child.kill('SIGKILL'))})
        github.watch = () => undefined
        github.faults.length = 0
        const title = `killed before ${github.requests[index - 1]?.method} ${github.requests[index - 1]?.path} (${index})`
        expect(signal, title).toBe(index > 0 ? 'SIGKILL' : null)
        if (index > 0) expect(await destroyHere(rotation, name, delivery), title).toMatchObject(destroyed)
        const {secrets, variables} = github.scope({environment: name})
        expect([...secrets.keys(), ...variables.keys()], title).toEqual([])
        await expectDestroyed(folder, rounds, title)
      }
      await destroyKilledAt(0)
      const methods = github.requests.map(({method}) => method)
      // Killed right after a request that changed nothing it leaves what it leaves when it is killed before that.
      for (const index of methods.keys()) if (methods[index - 1] !== 'GET') await destroyKilledAt(index + 1)
      expect(rounds).toBeGreaterThan(5)
    })
  })
})
