import {describe, expect} from 'vitest'
import {StratError} from '../../../src/errors.ts'
import {deleteLeftoverForks} from '../../../src/migrator/leftover-forks.ts'
import type {PlatformDatabase} from '../../../src/platform/platform.ts'
import {applying, forkNameOf, makeMarked, rehearse, valuesIn} from '../../helpers/rehearsal.ts'
import {openTurso, testOnServer} from '../../helpers/turso-platform.ts'
import type {Fault, TursoServer} from '../../helpers/turso-server.ts'

const makeSource = (server: TursoServer) => makeMarked(openTurso(server), 'live-condor', 'CREATE TABLE t (x)', 'INSERT INTO t VALUES (1), (2)')
const adding = applying('ALTER TABLE t ADD COLUMN y')
const expected = {database: 'live-condor', tables: [{name: 't', before: 2, after: 2}]}

/** Rehearses on a server that is unwell at its n-th request; says whether that came. */
async function rehearseWith(server: TursoServer, source: PlatformDatabase, at: number, fault: Fault): Promise<boolean> {
  server.requests.length = 0
  server.watch = () => {
    if (server.requests.length === at) server.faults.push({...fault})
  }
  const warnings: string[] = []
  const result = await rehearse(openTurso(server), source, adding, {name: forkNameOf(120), warnings}).catch((error) => error)
  const wasReached = server.requests.length >= at
  server.watch = () => undefined
  server.faults.length = 0
  if (result instanceof Error) expect(result, `request ${at}: ${result.stack}`).toBeInstanceOf(StratError)
  else expect(result).toMatchObject(expected)
  if (server.databases.size > 1) expect(result instanceof Error || warnings.length === 1, `request ${at}`).toBe(true)
  return wasReached
}

describe('a rehearsal on Turso', () => {
  testOnServer('waits for the host of the copy, and leaves nothing', async (server) => {
    const source = await makeSource(server)
    server.faults.push({match: /^POST \/dev\/strat-rehearsal-/, times: 3, respond: {status: 404, body: {error: 'unknown'}}})
    expect(await rehearse(openTurso(server), source, adding)).toMatchObject(expected)
    expect([...server.databases.keys()]).toEqual(['live-condor'])
  })

  testOnServer('names the copy that could not be deleted, and is good all the same', async (server) => {
    const source = await makeSource(server)
    const name = forkNameOf(0)
    const warnings: string[] = []
    server.faults.push({match: /^DELETE/, respond: {status: 403, body: {error: `database ${name} is delete-protected`}}})
    expect(await rehearse(openTurso(server), source, adding, {name, warnings})).toMatchObject(expected)
    expect(warnings).toEqual([expect.stringMatching(`^${name}, .*delete-protected`)])
  })

  testOnServer('names rows that are lost', async (server) => {
    const source = await makeSource(server)
    await expect(rehearse(openTurso(server), source, applying('DELETE FROM t WHERE x = 1'))).rejects.toMatchObject({
      code: 'REHEARSAL_FAILED',
      message: expect.stringContaining('t lost rows (2 before, 1 after)'),
    })
    expect([...server.databases.keys()]).toEqual(['live-condor'])
  })

  const faults: [string, Fault][] = [
    ['loses a reply', {match: /./, fail: 'lose'}],
    ['breaks a connection', {match: /./, fail: 'reset'}],
    ['answers with HTTP 502', {match: /./, respond: {status: 502, body: '<html>'}}],
    ['answers with HTTP 429', {match: /./, respond: {status: 429, body: {error: 'slow down'}}}],
    // Where the platform itself says so, the copy is gone.
    ['for SQL answers with HTTP 404', {match: /^POST \/dev/, respond: {status: 404, body: {error: 'unknown'}}}],
  ]
  for (const [title, fault] of faults) {
    testOnServer(`is right or ends with a clear error, and nothing stays for good, where any one request ${title}`, async (server) => {
      const source = await makeSource(server)
      let at = 1
      while (await rehearseWith(server, source, at, fault)) {
        expect(await valuesIn(openTurso(server), source, "SELECT name FROM pragma_table_info('t')")).toEqual(['x'])
        const left = [...server.databases.keys()].filter((name) => name !== 'live-condor')
        const platform = openTurso(server)
        expect((await deleteLeftoverForks(platform, await platform.listDatabases(), (message) => expect.unreachable(message))).deleted).toEqual(left)
        at += 1
      }
      expect(at).toBeGreaterThan(10)
      expect([...server.databases.keys()]).toEqual(['live-condor'])
    })
  }
})
