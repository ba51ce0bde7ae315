import {describe, expect} from 'vitest'
import {countingProject, expectExact, makeCounter, makeFleet, migrateAll} from '../helpers/counting-fleet.ts'
import {writeFiles} from '../helpers/files.ts'
import type {Result, RunOptions} from '../helpers/strat.ts'
import {test as base} from '../helpers/test.ts'
import {platformToken, type TursoServer, usingTursoServer} from '../helpers/turso-server.ts'

/** `run` is `strat` in a project with the counting migrations, on the server given. */
const test = base.extend<{run: (server: TursoServer, args: string, options?: RunOptions) => Promise<Result>}>({
  run: async ({folder, strat}, use) => {
    await writeFiles(folder, countingProject)
    await use((server, args, options) => {
      const env = {STRAT_PLATFORM: 'turso', TURSO_API_BASEURL: server.url, TURSO_API_TOKEN: platformToken, TURSO_ORGANIZATION: 'desk', STRAT_CONCURRENCY: '2'}
      return strat(args, {env, ...options})
    })
  },
})

const names = ['stage-behind', 'stage-current', 'stage-fresh']

describe.for([
  ['after the request came in and before it is carried out', 'reset', 1],
  // The first five only read.
  ['when the request is carried out and before it is answered', 'lose', 6],
] as const)('strat migrate --all, killed at any of its requests, %s', ([, fail, first]) => {
  test('leaves each migration applied once or not at all, and the next run ends it', {timeout: 120_000}, async ({run}) => {
    let killed = first - 1
    for (let index: number = first; killed === index - 1; index++) {
      await usingTursoServer(async (server) => {
        await makeFleet(server)
        server.requests.length = 0
        let kill = () => {}
        server.watch = () => {
          if (server.requests.length !== index) return
          if (fail === 'reset') kill()
          server.faults.push({match: /./, fail, afterwards: () => kill()})
        }
        const {signal} = await run(server, 'migrate --all --yes', {onSpawn: (child) => (kill = () => child.kill('SIGKILL'))})
        if (signal === 'SIGKILL') killed = index
        server.watch = () => undefined
        // The transaction that it held; a server ends it after seconds.
        for (const {sql} of server.databases.values()) sql.expireStreams()
        for (const name of names) expectExact(server, name, `killed at request ${index}`)
        expect((await migrateAll(server, {run: 'the-next-run'})).summary.failed, `after a kill at request ${index}`).toBe(0)
        for (const name of names) expect(expectExact(server, name, `after a kill at request ${index}`).x).toBe(210)
      })
    }
    expect(killed).toBeGreaterThan(12)
  })
})

describe('strat migrate --all, interrupted by Ctrl-C', () => {
  test.for([
    ['in the middle of its first database', 'double'],
    ['while it reads the fleet', 'kysely_migration'],
  ])('%s, finishes what has begun, leaves the rest, and tells of both', async ([, word = ''], {run}) => {
    await usingTursoServer(async (server) => {
      for (const name of ['stage-a', 'stage-b', 'stage-c', 'stage-d', 'stage-e']) await makeCounter(server, name, 1)
      let interrupt = () => {}
      server.watch = (_, body) => {
        if (!body.includes(word)) return
        server.watch = () => undefined
        interrupt()
        // So that the signal is there before the answer.
        server.faults.push({match: /./, delayMs: 300})
      }
      const {code, json} = await run(server, 'migrate --all --yes --json', {onSpawn: (child) => (interrupt = () => child.kill('SIGINT'))})
      const statuses = json.databases.map(({name, status, code}: Record<string, string>) => ({name, outcome: code ?? status}))
      const ledgers = statuses.map(({name}: {name: string}) => expectExact(server, name, 'interrupted').ledger.length)
      expect({code, interrupted: json.interrupted, statuses}).toEqual({
        code: 130,
        interrupted: true,
        statuses: statuses.map(({name}: {name: string}, index: number) => ({name, outcome: ledgers[index] === 5 ? 'applied' : 'INTERRUPTED'})),
      })
      // The second one waits for its turn, because a migration reads: it is left alone as well.
      expect(ledgers.filter((length: number) => length === 5)).toHaveLength(word === 'double' ? 1 : 0)
    })
  })
})
