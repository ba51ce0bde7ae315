import {describe, expect} from 'vitest'
import {initial, migration, ownMigrations, writeFiles} from '../helpers/files.ts'
import type {Result, RunOptions} from '../helpers/strat.ts'
import {test as base} from '../helpers/test.ts'
import {type Fault, platformToken, type TursoServer, usingTursoServer} from '../helpers/turso-server.ts'

/** `turso` is a server of the test's own, `run` is `strat` on it. No output of `strat` may hold a token. */
const test = base.extend<{turso: TursoServer; run: (args: string, options?: RunOptions) => Promise<Result>}>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from the pattern
  turso: async ({}, use) => usingTursoServer(use),
  run: async ({strat, turso}, use) =>
    use(async (args, {env, ...options} = {}) => {
      const settings = {STRAT_PLATFORM: 'turso', TURSO_API_BASEURL: turso.url, TURSO_API_TOKEN: platformToken, TURSO_ORGANIZATION: 'desk'}
      const result = await strat(args, {env: {...settings, ...env}, ...options})
      expect(result.stdout + result.stderr).not.toMatch(/eyJ|platform-token/)
      return result
    }),
})

const rowsOf = ({databases}: TursoServer, name: string, sql: string) => databases.get(name)?.sql.rows(sql)

/** What a strategy consists of, once each: two runs must not have doubled any of it. */
function expectWhole(turso: TursoServer): void {
  expect([...turso.databases.keys()]).toEqual(['stage-condor'])
  expect(rowsOf(turso, 'stage-condor', 'SELECT strategy, template FROM strat_meta')).toEqual([{strategy: 'stage-condor', template: 'condor'}])
  expect(rowsOf(turso, 'stage-condor', 'SELECT count(*) AS rows FROM portfolio_state')).toEqual([{rows: 1}])
  expect(rowsOf(turso, 'stage-condor', 'SELECT name FROM kysely_migration')).toEqual([{name: '0001_initial'}])
}

describe('a strategy on Turso', () => {
  test('is created, listed, shown, migrated and destroyed', async ({turso, run}) => {
    const url = `${turso.url}/dev/stage-condor`
    expect((await run('create stage-condor --json')).json).toMatchObject({status: 'created', url, migrations: ['0001_initial']})
    expectWhole(turso)
    expect((await run('create stage-condor --json')).json).toMatchObject({status: 'existing', url})
    expect((await run('list --json')).json.strategies).toMatchObject([{name: 'stage-condor', template: 'condor', url}])
    expect((await run('show stage-condor')).stdout).toContain(url)
    expect((await run('migrate --all --json')).json).toMatchObject({databases: [{name: 'stage-condor', status: 'current', requests: 1}]})
    expect(await run('destroy stage-condor --confirm stage-condor --json')).toMatchObject({code: 0, json: {status: 'destroyed'}})
    expect(turso.databases.size).toBe(0)
  })

  test('takes three requests after its database was made: a token, a transaction that finds out whether the host is ready, the token of its bot', async ({
    turso,
    run,
  }) => {
    await run('create stage-condor')
    expect(turso.requests.slice(turso.requests.indexOf('POST /v1/organizations/desk/databases') + 1)).toEqual([
      'POST /v1/organizations/desk/groups/default/auth/tokens?expiration=1h&authorization=full-access',
      'POST /dev/stage-condor/v2/pipeline',
      'POST /v1/organizations/desk/databases/stage-condor/auth/tokens?expiration=12w6d&authorization=full-access',
    ])
  })

  test('tells why it cannot be destroyed, also where its host is gone meanwhile', async ({turso, run}) => {
    await run('create stage-condor')
    turso.faults.push({match: /^DELETE/, respond: {status: 403, body: {error: 'database stage-condor is delete-protected and cannot be deleted'}}})
    turso.watch = (line) => {
      if (line.startsWith('DELETE')) turso.faults.push({match: /pipeline/, times: 99, fail: 'reset'})
    }
    const refused = await run('destroy stage-condor --confirm stage-condor --json')
    expect(refused).toMatchObject({code: 1, json: {error: {code: 'DATABASE_DELETE_PROTECTED'}}})
  })

  test('is found among many: the fleet is opened with one token', async ({turso, run}) => {
    for (const name of ['stage-a', 'stage-b', 'stage-c']) await run(`create ${name}`)
    turso.requests.length = 0
    expect((await run('list --json')).json.strategies).toHaveLength(3)
    expect(turso.requests.filter((line) => line.includes('auth/tokens'))).toHaveLength(1)
  })
})

describe('strat create converges', () => {
  const create = /^POST .*\/databases$/
  test.for<[title: string, faults: Fault[]]>([
    ['the API takes no more requests for a second', [{match: create, respond: {status: 429, headers: {'retry-after': '1'}}}]],
    ['the reply to the creation is lost', [{match: create, fail: 'lose'}]],
    ['the connection is cut before the creation', [{match: create, fail: 'reset'}]],
    ['the host of the new database is not known yet', [{match: /pipeline/, times: 4, respond: {status: 404}}]],
    ['the minting of the token is cut', [{match: /auth\/tokens/, fail: 'reset'}]],
    ['the host takes no more requests for a second', [{match: /pipeline/, respond: {status: 429, headers: {'retry-after': '1'}}}]],
    ['the reply to the migrations is lost', [{match: /pipeline/, fail: 'lose'}]],
    ['the migrations never arrive', [{match: /pipeline/, fail: 'reset'}]],
    ['the migrations meet HTTP 502, and so does the look at what became of them', [{match: /pipeline/, times: 2, respond: {status: 502}}]],
  ])('when %s', async ([, faults], {turso, run}) => {
    turso.faults.push(...faults)
    const {code, json} = await run('create stage-condor --json')
    expect({code, status: json.status}).toEqual({code: 0, status: expect.stringMatching(/^(created|resumed)$/)})
    expectWhole(turso)
    expect((await run('create stage-condor --json')).json).toMatchObject({status: 'existing'})
  })

  test('when it is killed at each of its requests, whether they are carried out or not', async ({turso, run}) => {
    for (const isCarriedOut of [true, false]) {
      for (let step = 1; step <= 3; step++) {
        turso.databases.clear()
        turso.requests.length = 0
        let kill = () => {}
        turso.faults = isCarriedOut ? [] : [{match: /./, times: 0, fail: 'hang'}]
        turso.watch = () => {
          if (turso.requests.length !== step) return
          for (const fault of turso.faults) fault.times = 1
          kill()
        }
        const killed = await run('create stage-condor', {onSpawn: (child) => (kill = () => child.kill('SIGKILL'))})
        expect(killed.signal).toBe('SIGKILL')
        turso.watch = () => undefined
        expect((await run('create stage-condor --json')).code).toBe(0)
        expectWhole(turso)
      }
    }
  })

  test('when four do it at once: one creates, all succeed', async ({turso, run}) => {
    const results = await Promise.all(Array.from({length: 4}, () => run('create stage-condor --json')))
    expect(results.map(({code}) => code)).toEqual([0, 0, 0, 0])
    expect(results.filter(({json}) => json.status === 'created').length).toBeLessThanOrEqual(1)
    expect(results.filter(({json}) => json.status !== 'existing')).toHaveLength(1)
    expectWhole(turso)
  })
})

describe('strat migrate', () => {
  /** Reads, so it runs in a transaction of its own with one request a statement. */
  const reading = `import {sql} from 'kysely'
export async function up(db) {
  const {rows} = await sql\`SELECT count(*) AS n FROM portfolio_state\`.execute(db)
  await sql\`CREATE TABLE counted (n INTEGER)\`.execute(db)
  await sql\`INSERT INTO counted VALUES (\${rows[0].n})\`.execute(db)
}
`

  test.for<[title: string, fault: Fault]>([
    ['no reply is lost', {match: /nothing/, fail: 'lose'}],
    ['a reply is lost in the middle', {match: /pipeline/, fail: 'lose'}],
    ['the stream expires', {match: /pipeline/, respond: {status: 400, body: {message: 'The stream has expired due to inactivity', code: 'STREAM_EXPIRED'}}}],
  ])('applies a migration that reads once, also when %s', async ([, fault], {folder, turso, run}) => {
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
    await run('create stage-condor')
    await writeFiles(folder, {'migrations/strategy/0002_counted.ts': reading})
    // The first requests look at the database and open the transaction.
    let seen = 0
    turso.watch = (line) => {
      if (line.includes('pipeline') && ++seen === 4) turso.faults.push(fault)
    }
    expect((await run('migrate stage-condor --json')).json).toMatchObject({databases: [{status: 'applied', migrations: ['0002_counted']}]})
    expect(rowsOf(turso, 'stage-condor', 'SELECT n FROM counted')).toEqual([{n: 1}])
    expect(seen).toBeGreaterThan(4)
  })

  test('names the statement that a database refuses, and the quota that is spent', async ({folder, turso, run}) => {
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
    await run('create stage-condor')
    await writeFiles(folder, {
      'migrations/strategy/0002_wrong.ts': migration('INSERT INTO portfolio_state (id, capital_allocated, free_margin, daily_stop_loss) VALUES (1, 1, 1, 1)'),
    })
    const refused = await run('migrate stage-condor --json')
    expect(refused).toMatchObject({
      code: 3,
      json: {databases: [{code: 'MIGRATION_FAILED', migration: '0002_wrong', statement: expect.stringContaining('INSERT')}]},
    })
    const database = turso.databases.get('stage-condor')
    if (database) database.sql.blocked = {code: 'BLOCKED', message: 'Operation was blocked: quota spent'}
    const blocked = await run('migrate stage-condor --json')
    expect(blocked).toMatchObject({code: 3, json: {databases: [{code: 'DATABASE_BLOCKED', reason: expect.stringContaining('quota spent')}]}})
  })
})

describe('what is missing is told by every command', () => {
  test.for<[title: string, env: Record<string, string>, code: string, exit: number]>([
    ['no token', {TURSO_API_TOKEN: ''}, 'TURSO_UNAUTHENTICATED', 4],
    ['a wrong token', {TURSO_API_TOKEN: 'wrong'}, 'TURSO_UNAUTHENTICATED', 4],
    ['a wrong organization', {TURSO_ORGANIZATION: 'dest'}, 'TURSO_ORGANIZATION_NOT_FOUND', 78],
    ['an API that is not on this machine, over plain http', {TURSO_API_BASEURL: 'http://192.0.2.1'}, 'TURSO_INSECURE', 78],
  ])('%s', async ([, env, code, exit], {run}) => {
    for (const command of ['list', 'create stage-condor', 'show stage-condor']) {
      expect(await run(`${command} --json`, {env})).toMatchObject({code: exit, json: {error: {code}}})
    }
  })
})
