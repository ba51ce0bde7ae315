import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {execute, query} from '../helpers/database.ts'
import {initial, migration, ownMigrations, writeFiles} from '../helpers/files.ts'
import {databaseFile, makeFleet} from '../helpers/fleet.ts'
import type {Result} from '../helpers/strat.ts'
import {test} from '../helpers/test.ts'

/** Fails in a database that has two rows of capital. */
const oneRow = migration('CREATE UNIQUE INDEX one ON portfolio_state ((1))')
const secondRow = 'INSERT INTO portfolio_state (capital_allocated, free_margin, daily_stop_loss) VALUES (1, 1, 1)'

/** A fleet with a migration that is pending, and fails in some of it. */
async function makePending(folder: string, names: string[], {failing = [], settings = {}}: {failing?: string[]; settings?: object} = {}): Promise<void> {
  await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
  await makeFleet(folder, names)
  for (const name of failing) await execute(databaseFile(folder, name), secondRow)
  await writeFiles(folder, {
    'migrations/strategy/0002_one.ts': oneRow,
    'strat.config.json': JSON.stringify({migrations: './migrations', market: {days: []}, ...settings}),
  })
}

/** Each database with its status, or why it has another. */
const outcomes = ({json}: Pick<Result, 'json'>) =>
  Object.fromEntries(json.databases.map(({name, status, code}: Record<string, string>) => [name, code ?? status]))

const lines = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('waves', () => {
  const names = ['stage-a', 'stage-b', 'live-c', 'live-d']

  test('stop when more failed than --max-failures allows; the next run goes on', async ({folder, strat}) => {
    await makePending(folder, names, {failing: ['stage-a']})
    const stopped = await strat('migrate --all --confirm live --json')
    expect({code: stopped.code, outcomes: outcomes(stopped)}).toEqual({
      code: 3,
      outcomes: {'live-c': 'WAVE_STOPPED', 'live-d': 'WAVE_STOPPED', 'stage-a': 'MIGRATION_FAILED', 'stage-b': 'applied'},
    })
    expect(stopped.json.databases[0].reason).toBe('Not begun: 1 failed up to the wave stage-*, and none may fail.')
    const text = await strat('migrate --all --confirm live')
    expect(text.stderr).toMatch(/2 databases skipped, as live-c: Not begun: 1 failed/)
    await execute(databaseFile(folder, 'stage-a'), 'DELETE FROM portfolio_state')
    const again = await strat('migrate --all --confirm live --json')
    expect({code: again.code, outcomes: outcomes(again)}).toEqual({
      code: 0,
      outcomes: {'live-c': 'applied', 'live-d': 'applied', 'stage-a': 'applied', 'stage-b': 'current'},
    })
  })

  test.for([
    ['1', 'applied'],
    ['50%', 'applied'],
    ['49%', 'WAVE_STOPPED'],
    ['0%', 'WAVE_STOPPED'],
  ] as const)('with --max-failures %s: %s', async ([most, outcome], {folder, strat}) => {
    await makePending(folder, names, {failing: ['stage-a']})
    const result = await strat(`migrate --all --confirm live --max-failures ${most} --json`)
    expect({code: result.code, outcomes: outcomes(result)}).toMatchObject({code: 3, outcomes: {'live-c': outcome, 'live-d': outcome}})
  })

  test('are those of --wave, else of the configuration, else the stage before what is live', async ({folder, strat}) => {
    await makePending(folder, names, {settings: {waves: ['*-d', 'live-*']}})
    const order = async (args: string) => {
      const {stdout} = await strat(`migrate --all --concurrency 1 --confirm live --json --stream ${args}`)
      return lines(stdout).flatMap(({type, name}) => (type === 'database' ? [name] : []))
    }
    expect(await order('')).toEqual(['live-d', 'live-c', 'stage-a', 'stage-b'])
    expect(await order('--wave stage-b --wave *c')).toEqual(['stage-b', 'live-c', 'live-d', 'stage-a'])
    await writeFiles(folder, ownMigrations({}))
    expect(await order('')).toEqual(['stage-a', 'stage-b', 'live-c', 'live-d'])
  })
})

describe('--stream', () => {
  test('writes a line for each database as it is done, between a start and a summary', async ({folder, strat}) => {
    await makePending(folder, ['stage-a', 'stage-b', 'live-c'], {failing: ['stage-b']})
    const {code, stdout, stderr} = await strat('migrate --all --confirm live --json --stream --run nightly-1')
    const [start, ...events] = lines(stdout)
    const summary = events.pop()
    expect({code, stderr, start}).toEqual({code: 3, stderr: '', start: {type: 'start', run: 'nightly-1', shard: null}})
    expect(events.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toMatchObject([
      {type: 'database', name: 'live-c', status: 'skipped', code: 'WAVE_STOPPED'},
      {type: 'database', name: 'stage-a', status: 'applied', migrations: ['0002_one'], requests: 2},
      {type: 'database', name: 'stage-b', status: 'failed', code: 'MIGRATION_FAILED', migration: '0002_one'},
    ])
    expect(summary).toMatchObject({type: 'summary', run: 'nightly-1', interrupted: false, summary: {applied: 1, skipped: 1, failed: 1}})
    expect(summary).not.toHaveProperty('databases')
    expect(await query(databaseFile(folder, 'stage-a'), "SELECT run_id FROM strat_migration WHERE name = '0002_one'")).toEqual([{run_id: 'nightly-1'}])
  })

  test('tells an error after its start, and needs --json', async ({folder, strat}) => {
    await makePending(folder, ['stage-a'])
    const {code, stdout} = await strat('migrate stage-b --json --stream')
    expect({code, error: JSON.parse(stdout.slice(stdout.indexOf('\n'))).error}).toMatchObject({code: 1, error: {code: 'STRATEGY_NOT_FOUND'}})
    expect(await strat('migrate --all --stream')).toMatchObject({code: 2, stdout: ''})
  })
})

describe('shards', () => {
  const names = ['stage-a', 'stage-b', 'stage-c', 'stage-d', 'stage-e', 'live-f']

  test('merged tell what one run over all does', async ({folder, strat}) => {
    await makePending(folder, names, {failing: ['stage-c']})
    const codes: (number | null)[] = []
    for (const index of [1, 2, 3]) {
      const {code, stdout} = await strat(
        `migrate --all --shard ${index}/3 --run nightly --max-failures 9 --confirm live --json${index === 2 ? ' --stream' : ''}`,
      )
      codes.push(code)
      await writeFiles(folder, {[`shard-${index}.json`]: stdout})
    }
    expect(codes.toSorted()).toEqual([0, 0, 3])
    const merged = await strat('migrate merge shard-1.json shard-2.json shard-3.json --json')
    expect({code: merged.code, json: merged.json}).toMatchObject({code: 3, json: {run: 'nightly', shard: null, summary: {applied: 5, failed: 1}}})
    expect(outcomes(merged)).toEqual({...Object.fromEntries(names.map((name) => [name, 'applied'])), 'stage-c': 'MIGRATION_FAILED'})
    const whole = await strat('migrate --all --max-failures 9 --json')
    expect(outcomes(whole)).toEqual({...Object.fromEntries(names.map((name) => [name, 'current'])), 'stage-c': 'MIGRATION_FAILED'})
    expect(whole.json.summary.causes).toEqual(merged.json.summary.causes)
  })

  test('of a few databases may be empty, which is no failure', async ({folder, strat}) => {
    await makePending(folder, ['stage-a'])
    const results = await Promise.all(['1/2', '2/2'].map((shard) => strat(`migrate --all --shard ${shard} --json`)))
    expect(results.map(({code}) => code)).toEqual([0, 0])
    expect(results.flatMap(({json}) => json.databases)).toMatchObject([{name: 'stage-a', status: 'applied'}])
    const texts = await Promise.all(['1/2', '2/2'].map((shard) => strat(`migrate --all --shard ${shard}`)))
    expect(texts.map(({stderr}) => stderr).join('')).toMatch(/No database is in shard [12]\/2\./)
    const plans = await Promise.all(['1/2', '2/2'].map((shard) => strat(`migrate plan --shard ${shard}`)))
    expect(plans.find(({stdout}) => stdout === '')?.stderr).toMatch(/^No database is in shard [12]\/2\.\n$/)
  })

  test('go with --stage and --kind', async ({folder, strat}) => {
    await makePending(folder, names)
    await strat('create archive --secrets none')
    expect((await strat('migrate --stage live --kind strategy --shard 1/1 --confirm live --json')).json.databases).toMatchObject([{name: 'live-f'}])
    expect((await strat('migrate --kind archive --json')).json.databases).toMatchObject([{name: 'archive', status: 'current'}])
    const empty = await strat('migrate --stage live --kind archive --json')
    expect({code: empty.code, error: empty.json.error}).toMatchObject({
      code: 2,
      error: {code: 'SELECTION_EMPTY', message: '--kind archive leaves no database.'},
    })
  })
})

describe('in GitHub Actions', () => {
  test('a run tells each cause as an annotation, and all in the job summary', async ({folder, strat}) => {
    const {readFile} = await import('node:fs/promises')
    await makePending(folder, ['stage-a', 'stage-b', 'stage-c', 'live-d'], {failing: ['stage-a', 'stage-b']})
    const env = {GITHUB_ACTIONS: 'true', CI: 'true', GITHUB_STEP_SUMMARY: join(folder, 'summary.md')}
    const {code, stdout, stderr} = await strat('migrate --all --confirm live --json', {env})
    expect({code, failed: JSON.parse(stdout).summary.failed}).toEqual({code: 3, failed: 2})
    expect(stderr).toBe(
      "::error title=strat migrate%3A 2 databases failed%2C as in stage-a::0002_one failed and was rolled back: UNIQUE constraint failed: index 'one'.\n",
    )
    const summary = await readFile(env.GITHUB_STEP_SUMMARY, 'utf8')
    for (const line of ['| failed | 2 |', '| stage-a | failed |', '| live-d | skipped | WAVE', '| stage-c | applied | 0002']) expect(summary).toContain(line)
  })
})
