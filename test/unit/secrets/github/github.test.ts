import {describe, expect} from 'vitest'
import {defaultLimits} from '../../../../src/secrets/github/limits.ts'
import {usingGithub} from '../../../helpers/github/github.ts'
import {gapsBetweenWrites, mostAtOnce} from '../../../helpers/github/requests.ts'
import {deliver, newSecrets} from '../../../helpers/github-delivery.ts'
import {storeOf} from '../../../helpers/github-store.ts'
import {githubTest as test} from '../../../helpers/github-test.ts'

const lines = (requests: {method: string; path: string}[]) => requests.map(({method, path}) => `${method} ${path}`)
const environment = '/repos/desk/bots/environments/stage-condor'

describe('the secrets of an environment', () => {
  test('cost six requests when a token is due, and two when none is', async ({github}) => {
    await deliver(storeOf(github), 'stage-condor', newSecrets())
    github.requests.length = 0
    const secrets = newSecrets()
    const store = storeOf(github)
    await deliver(store, 'stage-condor', secrets)
    await store.listUnfinished()
    expect(lines(github.requests)).toEqual([
      `GET ${environment}/variables/STRAT_TOKEN_META`,
      `GET ${environment}/secrets/public-key`,
      `PUT ${environment}/secrets/TURSO_AUTH_TOKEN`,
      `GET ${environment}/secrets?per_page=100`,
      `PATCH ${environment}/variables/STRAT_TOKEN_META`,
      'GET /repos/desk/bots/actions/runs?status=in_progress&per_page=100',
    ])
    expect(github.bot('stage-condor')).toEqual(secrets)
    github.requests.length = 0
    const again = storeOf(github)
    await again.read('stage-condor')
    await again.list('stage-condor')
    expect(lines(github.requests)).toEqual([`GET ${environment}/variables/STRAT_TOKEN_META`, `GET ${environment}/secrets?per_page=100`])
  })

  test('make the environment where it is missing, and change nothing of one that is there', async ({github}) => {
    await storeOf(github).check('stage-condor')
    expect(github.home.environments.has('stage-condor')).toBe(true)
    expect(github.writes.map(({method, path, body}) => [method, path, body])).toEqual([['PUT', environment, '']])
    await storeOf(github).check('stage-condor')
    expect(github.writes).toHaveLength(1)
  })

  test('make nothing where only what would be done is asked for', async ({github}) => {
    await storeOf(github).check('stage-condor', {dryRun: true})
    expect(github.writes).toEqual([])
    expect(github.home.environments.size).toBe(0)
  })

  test('are sealed with the key of their own environment', async ({github}) => {
    const [condor, butterfly] = [newSecrets(), newSecrets('https://butterfly.test')]
    const store = storeOf(github)
    await Promise.all([deliver(store, 'stage-condor', condor), deliver(store, 'live-butterfly', butterfly)])
    expect([github.bot('stage-condor'), github.bot('live-butterfly')]).toEqual([condor, butterfly])
  })

  test('get their address again where somebody deleted it', async ({github}) => {
    await deliver(storeOf(github), 'stage-condor', newSecrets())
    github.scope({environment: 'stage-condor'}).secrets.delete('TURSO_DB_URL')
    const secrets = newSecrets()
    await deliver(storeOf(github), 'stage-condor', secrets)
    expect(github.bot('stage-condor')).toEqual(secrets)
  })

  test('are sent the address first where it is another, then the token, and the record last', async ({github}) => {
    await deliver(storeOf(github), 'stage-condor', newSecrets())
    github.requests.length = 0
    await deliver(storeOf(github), 'stage-condor', newSecrets('https://elsewhere.test'))
    expect(lines(github.writes).map((line) => line.split('/').at(-1))).toEqual(['TURSO_DB_URL', 'TURSO_AUTH_TOKEN', 'STRAT_TOKEN_META'])
  })

  test('are taken away with the record of them, and nothing else is', async ({github}) => {
    const store = storeOf(github)
    await deliver(store, 'stage-condor', newSecrets())
    github.setSecret({environment: 'stage-condor'}, 'BROKER_KEY', 'theirs')
    github.setVariable({environment: 'stage-condor'}, 'LOTS', '2')
    expect(await store.remove('stage-condor')).toEqual(['TURSO_DB_URL', 'TURSO_AUTH_TOKEN'])
    const {secrets, variables} = github.scope({environment: 'stage-condor'})
    expect([[...secrets.keys()], [...variables.keys()]]).toEqual([['BROKER_KEY'], ['LOTS']])
  })

  test.for(['bots / {name}', '{name} 100%', 'bücher-{name}', 'a?b#c&{name};=+', '../{name}', 'ab {name} {name}'])(
    'may be in an environment of any name: %s',
    async (pattern, {github}) => {
      const secrets = newSecrets()
      const store = storeOf(github, {environment: pattern})
      await deliver(store, 'stage-condor', secrets)
      const name = pattern.replaceAll('{name}', 'stage-condor')
      expect([...github.home.environments.values()].map((each) => each.name)).toEqual([name])
      expect(github.bot('stage-condor', {environment: name})).toEqual(secrets)
      expect(store.placesOf('stage-condor')[0]?.scope).toBe(`environment ${name} of desk/bots`)
      expect(await store.remove('stage-condor')).toHaveLength(2)
    },
  )
})

test('GitHub Enterprise has its API below a path', async () => {
  await usingGithub(
    async (github) => {
      const secrets = newSecrets()
      await deliver(storeOf(github), 'stage-condor', secrets)
      expect(github.bot('stage-condor')).toEqual(secrets)
    },
    {prefix: '/api/v3'},
  )
})

describe('the secrets of a repository', () => {
  test("have the strategy's name behind theirs", async ({github}) => {
    const secrets = newSecrets()
    await deliver(storeOf(github, {scope: 'repository'}), 'stage-condor-2', secrets)
    expect([...github.home.secrets.keys()]).toEqual(['TURSO_DB_URL_STAGE_CONDOR_2', 'TURSO_AUTH_TOKEN_STAGE_CONDOR_2'])
    expect([...github.home.variables.keys()]).toEqual(['STRAT_TOKEN_META_STAGE_CONDOR_2'])
    expect(github.bot('stage-condor-2', {scope: 'repository'})).toEqual(secrets)
  })
})

describe('many strategies at once', () => {
  test('are written one at a time, each at least the gap after the other, and read side by side', async ({github}) => {
    const store = storeOf(github, {limits: {writeGapMs: 60}})
    const names = Array.from({length: 8}, (_, index) => `stage-${index}`)
    for (const name of names) github.addEnvironment(name)
    github.faults.push({match: /^GET/, delayMs: 20, times: 1000})
    await Promise.all(names.map((name) => deliver(store, name, newSecrets())))
    expect(github.writes.length).toBeGreaterThanOrEqual(24)
    expect(Math.min(...gapsBetweenWrites(github))).toBeGreaterThanOrEqual(60)
    expect(mostAtOnce({requests: github.writes})).toBe(1)
    expect(mostAtOnce(github)).toBeGreaterThan(1)
    expect(mostAtOnce(github)).toBeLessThanOrEqual(10)
  })

  test('are a second apart where nothing else is said', async ({github}) => {
    github.addEnvironment('stage-condor')
    await storeOf(github, {limits: defaultLimits}).write('stage-condor', newSecrets())
    expect(Math.min(...gapsBetweenWrites(github))).toBeGreaterThanOrEqual(1000)
  })
})
