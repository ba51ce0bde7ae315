import {expect, test} from 'vitest'
import {StratError} from '../../src/errors.ts'
import type {MigrateResult} from '../../src/migrator/result.ts'
import {counterIn, expectExact, makeFleet, makeMigratedFleet, migrateAll, undoAll} from '../helpers/counting-fleet.ts'
import type {ServedDatabase} from '../helpers/served-database.ts'
import {type Fault, type TursoServer, usingTursoServer} from '../helpers/turso-server.ts'

type Trouble = (sql: ServedDatabase | undefined, index: number) => Partial<Fault>

const failures: Partial<Fault>[] = [
  {fail: 'reset'},
  ...[429, 502, 404].map((status) => ({respond: {status, headers: {'retry-after': '0'}, body: {error: 'not now'}}})),
]

/** What befalls a request when it arrives. A transaction that is broken off ends at once, and not after the seconds that a server takes. */
const troubles: Record<string, Trouble> = {
  'a reply that is lost': (sql) => ({fail: 'lose', afterwards: () => sql?.expireStreams()}),
  'a request that is carried out when nobody waits for it any more': (sql) => ({fail: 'late', afterwards: () => sql?.expireStreams()}),
  'a host that starts anew, and takes its time': brokenOff(() => ({delayMs: 50})),
  'a connection that is cut, HTTP 429, 502 or 404': brokenOff((index) => failures[index % 4] ?? {}),
}

function brokenOff(fault: (index: number) => Partial<Fault>): Trouble {
  return (sql, index) => {
    sql?.expireStreams()
    return fault(index)
  }
}

/** Each request of a run in turn, the first is 1, meets trouble; says how many there were. */
async function atEachRequest(trouble: Trouble, use: (server: TursoServer, arm: () => void, index: number) => Promise<void>): Promise<number> {
  for (let index = 1; ; index++) {
    let hit = false
    await usingTursoServer(async (server) => {
      const arm = () => {
        server.requests.length = 0
        server.watch = (line) => {
          if (hit || server.requests.length !== index) return
          hit = true
          const name = /^POST \/dev\/([^/]+)/.exec(line)?.[1] ?? ''
          server.faults.push({...trouble(server.databases.get(name)?.sql, index), match: /./})
        }
      }
      await use(server, arm, index)
    })
    if (!hit) return index - 1
  }
}

function disarm(server: TursoServer): void {
  server.watch = () => undefined
  server.faults.length = 0
}

/** What a run said, or how it ended: never with an error that nobody can act on. */
async function outcomeOf(run: Promise<MigrateResult>): Promise<MigrateResult | undefined> {
  try {
    const result = await run
    expect(JSON.stringify(result)).not.toContain('"UNEXPECTED"')
    return result
  } catch (error) {
    expect(error).toBeInstanceOf(StratError)
    expect((error as StratError).code).not.toBe('UNEXPECTED')
    return undefined
  }
}

const names = ['stage-behind', 'stage-current', 'stage-fresh']
const byRun = (server: TursoServer, name: string, run: string) =>
  Object.entries(counterIn(server, name).runs)
    .filter(([, id]) => id === run)
    .map(([migration]) => migration)

/** Whatever a run says that it did to a database, it did, and no more. */
function expectHonest(result: MigrateResult | undefined, changed: (name: string) => string[], message: string): void {
  for (const database of result?.databases ?? []) {
    if (database.status === 'failed') continue
    const told = database.status === 'applied' ? database.migrations : []
    expect({name: database.name, told: told.toSorted()}, message).toEqual({name: database.name, told: changed(database.name).sort()})
  }
}

test.concurrent.for(Object.entries(troubles))(
  '%s, at any request of a run over a fleet, leaves each migration applied once or not at all, and the next run ends it',
  {timeout: 120_000},
  async ([title, trouble]) => {
    const requests = await atEachRequest(trouble, async (server, arm, index) => {
      await makeFleet(server)
      arm()
      const result = await outcomeOf(migrateAll(server, {run: 'run-1'}))
      const message = `${title} at request ${index}: ${JSON.stringify(result?.databases)}`
      for (const name of names) expectExact(server, name, message)
      expectHonest(result, (name) => byRun(server, name, 'run-1'), message)
      disarm(server)
      expect((await migrateAll(server, {run: 'run-2'})).summary.failed, message).toBe(0)
      for (const name of names) expect(expectExact(server, name, message).x, message).toBe(210)
    })
    expect(requests).toBeGreaterThan(12)
  },
)

// Not at once with the others: recording a `down` moves the clock of this process, by which the server of another test goes, too.
test.for(['a reply that is lost', 'a request that is carried out when nobody waits for it any more'])(
  '%s, at any request of an undo, leaves each migration undone once or not at all, and the next undo ends it',
  {timeout: 120_000},
  async (title) => {
    const requests = await atEachRequest(troubles[title] ?? expect.unreachable(), async (server, arm, index) => {
      await makeMigratedFleet(server)
      arm()
      const before = new Map(names.map((name) => [name, byRun(server, name, 'run-1')]))
      const result = await outcomeOf(undoAll(server, {run: 'run-1'}))
      const message = `${title} at request ${index}: ${JSON.stringify(result?.databases)}`
      for (const name of names) expectExact(server, name, message)
      expectHonest(result, (name) => (before.get(name) ?? []).filter((migration) => !byRun(server, name, 'run-1').includes(migration)), message)
      disarm(server)
      // Where nothing is left of the run, the next one says so.
      const again = await undoAll(server, {run: 'run-1'}).catch((error) => error.code)
      expect(
        names.map((name) => expectExact(server, name, message).ledger.length),
        `${message}, then ${JSON.stringify(again)}`,
      ).toEqual([4, 5, 1])
    })
    expect(requests).toBeGreaterThan(12)
  },
)
