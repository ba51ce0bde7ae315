import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {parseEnv} from 'node:util'
import {describe, expect} from 'vitest'
import {usingFile} from '../helpers/database.ts'
import {writeFiles} from '../helpers/files.ts'
import {databaseFile} from '../helpers/fleet.ts'
import {runStrat} from '../helpers/strat.ts'
import {test as base} from '../helpers/test.ts'
import {unsignedToken} from '../helpers/token.ts'
import {usingWatchedDev, type WatchedDev} from '../helpers/watched-dev.ts'

type Run = (args: string, env?: Record<string, string>) => ReturnType<typeof runStrat>

/** `run` is `strat` with the databases of a `strat dev` and secrets in files. */
const test = base.extend<{dev: WatchedDev; run: Run}>({
  dev: async ({folder}, use) => usingWatchedDev(folder, use),
  run: async ({folder, dev}, use) => use((args, env) => runStrat(args.split(' '), {cwd: folder, env: {...dev.env, ...env}})),
})

const secretsIn = async (folder: string, name = 'stage-condor') => parseEnv(await readFile(join(folder, `.env.${name}`), 'utf8'))

/** What the bot's secrets are good for now: the status of its request. */
async function useSecrets(folder: string, name = 'stage-condor'): Promise<number> {
  const {TURSO_DB_URL, TURSO_AUTH_TOKEN} = await secretsIn(folder, name)
  const body = JSON.stringify({requests: [{type: 'execute', stmt: {sql: 'SELECT capital_allocated FROM portfolio_state'}}, {type: 'close'}]})
  const response = await fetch(`${TURSO_DB_URL}/v2/pipeline`, {method: 'POST', headers: {authorization: `Bearer ${TURSO_AUTH_TOKEN}`}, body})
  await response.body?.cancel()
  return response.status
}

describe('strat rotate', () => {
  test('leaves fresh tokens alone, replaces them when it is told to, and both go on working', async ({folder, dev, run}) => {
    await run('create stage-condor')
    const before = await secretsIn(folder)
    dev.requests.length = 0
    const fresh = await run('rotate --all')
    expect(fresh).toMatchObject({code: 0, stdout: expect.stringMatching(/^NAME\tSTATUS\tEXPIRES\tDETAIL\nstage-condor\tfresh\t\d{4}-\d\d-\d\d\t\n$/)})
    expect(await secretsIn(folder)).toEqual(before)
    const forced = await run('rotate stage-condor --force --json')
    expect({code: forced.code, ...forced.json}).toMatchObject({
      code: 0,
      strategies: [{name: 'stage-condor', status: 'rotated', reason: 'a new token was asked for'}],
      summary: {rotated: 1, failed: 0},
    })
    const now = await secretsIn(folder)
    expect(now['TURSO_AUTH_TOKEN']).not.toBe(before['TURSO_AUTH_TOKEN'])
    expect(now['TURSO_DB_URL']).toBe(before['TURSO_DB_URL'])
    expect(await useSecrets(folder)).toBe(200)
    await writeFile(join(folder, '.env.stage-condor'), `TURSO_DB_URL=${before['TURSO_DB_URL']}\nTURSO_AUTH_TOKEN=${before['TURSO_AUTH_TOKEN']}\n`)
    expect(await useSecrets(folder)).toBe(200)
  })

  test('says what it would do, and does nothing', async ({folder, run}) => {
    await run('create stage-condor')
    await run('create live-butterfly --secrets none')
    const before = await secretsIn(folder)
    const {json} = await run('rotate --all --dry-run --json')
    expect(json).toMatchObject({
      strategies: [
        {name: 'live-butterfly', status: 'due', expiresAt: null, reason: 'nothing is known of a token'},
        {name: 'stage-condor', status: 'fresh'},
      ],
      summary: {due: 1, fresh: 1},
    })
    expect(await secretsIn(folder)).toEqual(before)
    await expect(secretsIn(folder, 'live-butterfly')).rejects.toThrow('ENOENT')
  })

  test('gives a token where there is none, or one that is broken, of another database, or about to end', async ({folder, dev, run}) => {
    for (const name of ['stage-a', 'stage-b', 'stage-c', 'stage-d']) await run(`create ${name}`)
    const {TURSO_DB_URL, TURSO_AUTH_TOKEN} = await secretsIn(folder, 'stage-d')
    const keep = (name: string, token: string) =>
      writeFile(join(folder, `.env.${name}`), `BROKER=x\nTURSO_DB_URL=${dev.url}/dev/${name}\nTURSO_AUTH_TOKEN=${token}\n`)
    await keep('stage-a', 'not-a-token')
    await keep('stage-b', unsignedToken({databaseId: 'gone'}))
    await writeFile(join(folder, '.env.stage-c'), '')
    const {json} = await run('rotate --all --json')
    const outcomes = Object.fromEntries(json.strategies.map(({name, status, reason}: Record<string, string>) => [name, reason ?? status]))
    expect(outcomes).toEqual({
      'stage-a': 'nothing is known of a token',
      'stage-b': 'its token is for a database that was destroyed',
      'stage-c': 'nothing is known of a token',
      'stage-d': 'fresh',
    })
    for (const name of ['stage-a', 'stage-b', 'stage-c']) expect(await useSecrets(folder, name), name).toBe(200)
    expect(await secretsIn(folder, 'stage-a')).toMatchObject({BROKER: 'x'})
    expect(await secretsIn(folder, 'stage-d')).toEqual({TURSO_DB_URL, TURSO_AUTH_TOKEN})
  })

  test('follows the template: a token that allows something else is replaced', async ({folder, run}) => {
    await writeFiles(folder, {'strat.config.json': JSON.stringify({templates: './templates'})})
    const template = (actions: string[]) => ({
      'templates/mine.json': JSON.stringify({
        kind: 'strategy',
        description: 'Mine.',
        capital: {capitalAllocated: 1, freeMargin: 1, dailyStopLoss: 1},
        permissions: [
          {tables: ['trade_logs'], actions},
          {tables: ['portfolio_state'], actions: ['data_read']},
        ],
        files: {},
      }),
    })
    await writeFiles(folder, template(['data_read']))
    await run('create stage-x --template mine')
    await writeFiles(folder, template(['data_read', 'data_add']))
    expect((await run('rotate stage-x --json')).json.strategies).toMatchObject([
      {status: 'rotated', reason: 'its template allows something else than its token'},
    ])
    expect((await run('rotate stage-x --json')).json.strategies).toMatchObject([{status: 'fresh'}])
  })

  test('one that fails does not stop the others, and keeps the token that it has', async ({folder, dev, run}) => {
    for (const name of ['stage-a', 'stage-b', 'stage-c']) await run(`create ${name}`)
    const before = await secretsIn(folder, 'stage-b')
    await fetch(`${dev.url}/v1/organizations/local/databases/stage-b/configuration`, {
      method: 'PATCH',
      headers: {authorization: `Bearer ${dev.apiToken}`},
      body: JSON.stringify({block_writes: true}),
    })
    const {code, stdout, stderr} = await run('rotate --all --force')
    expect({code, stdout}).toEqual({
      code: 3,
      stdout: expect.stringMatching(/stage-a\trotated.*\nstage-b\tfailed\t\d{4}-\d\d-\d\d\tDATABASE_BLOCKED\nstage-c\trotated/),
    })
    expect(stderr).toContain('1 failure, as in stage-b: stage-b takes no writes now')
    expect(await secretsIn(folder, 'stage-b')).toEqual(before)
  })

  test('passes over archives and what is not ours, and refuses an archive that is named', async ({folder, dev, run}) => {
    await run('create stage-condor')
    await run('create archive')
    const headers = {authorization: `Bearer ${dev.apiToken}`}
    await fetch(`${dev.url}/v1/organizations/local/databases`, {method: 'POST', headers, body: JSON.stringify({name: 'foreign', group: 'default'})})
    const foreign = await usingFile(databaseFile(folder, 'foreign'), (client) => client.execute('CREATE TABLE t (x)'))
    expect(foreign.rowsAffected).toBe(0)
    const {json} = await run('rotate --all --force --json')
    expect({names: json.strategies.map(({name}: {name: string}) => name), unmarked: json.unmarked}).toEqual({names: ['stage-condor'], unmarked: ['foreign']})
    const archive = await run('rotate archive --json')
    expect(archive).toMatchObject({code: 3, json: {strategies: [{status: 'failed', code: 'STRATEGY_HAS_NO_BOT'}]}})
  })

  test.for([
    ['rotate', 'SELECTION_EMPTY'],
    ['rotate stage-condor --all', 'USAGE'],
    ['rotate stage-gone', 'STRATEGY_NOT_FOUND'],
    ['rotate --all --check --force', 'USAGE'],
    ['rotate --all --within 3d', 'USAGE'],
    ['rotate --all --check --within never', 'USAGE'],
    ['rotate --all --check --within soon', 'USAGE'],
    ['rotate --all --canary bot.yml', 'USAGE'],
  ])('%s: %s', async ([args, code], {run}) => {
    await run('create stage-condor')
    expect((await run(`${args} --json`)).json.error).toMatchObject({code})
  })

  test.for([
    [{lifetime: '30d', interval: '30d'}, 'CONFIG_INVALID', /must be longer than tokens.interval/],
    [{lifetime: '10d'}, 'CONFIG_INVALID', /tokens.lifetime \(10d\) must be longer than tokens.interval \(30d\)/],
    [{lifetime: 'never'}, 'CONFIG_INVALID', /tokens.lifetime: must be a duration/],
    [{interval: 'never'}, 'CONFIG_INVALID', /tokens.interval: must be a duration/],
  ] as const)('refuses the policy %j', async ([tokens, code, message], {folder, run}) => {
    await run('create stage-condor')
    await writeFile(join(folder, 'strat.config.json'), JSON.stringify({tokens}))
    expect((await run('rotate --all --json')).json.error).toMatchObject({code, message: expect.stringMatching(message)})
  })
})

describe('strat rotate --check', () => {
  test('exits with 3 where a token dies soon, or there is none, and changes nothing', async ({folder, run}) => {
    await run('create stage-condor')
    expect(await run('rotate --all --check')).toMatchObject({code: 0})
    const before = await secretsIn(folder)
    const {code, json} = await run('rotate --all --check --within 91d --json')
    expect({code, strategies: json.strategies}).toMatchObject({
      code: 3,
      strategies: [{name: 'stage-condor', status: 'expiring', reason: 'its token expires in 89 days'}],
    })
    expect(await secretsIn(folder)).toEqual(before)
    await run('create live-condor --secrets none')
    const {stdout, stderr, code: second} = await run('rotate --all --check')
    expect({second, stdout}).toMatchObject({second: 3, stdout: expect.stringContaining('live-condor\texpiring\t\tnothing is known of a token')})
    expect(stderr).toContain('Next: strat rotate --all')
  })
})

describe('in GitHub Actions', () => {
  test('the new token is hidden before anything else is said, and the job has a summary', async ({folder, run}) => {
    await run('create stage-condor')
    const summary = join(folder, 'summary.md')
    const {stdout, stderr} = await run('rotate --all --force', {GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary})
    const {TURSO_AUTH_TOKEN} = await secretsIn(folder)
    expect(stderr).toMatch(new RegExp(`^::add-mask::${TURSO_AUTH_TOKEN}\\n`, 'm'))
    expect(stdout).not.toContain(TURSO_AUTH_TOKEN)
    expect(await readFile(summary, 'utf8')).toMatch(/### strat rotate\n\nRun \S+: 1 rotated\n[\s\S]*\| stage-condor \| rotated \|/)
  })
})
