import {describe, expect} from 'vitest'
import {unusable} from '../../../contract/secret-store.ts'
import {refusals} from '../../../helpers/github/faults.ts'
import {deliver, newSecrets} from '../../../helpers/github-delivery.ts'
import {storeOf} from '../../../helpers/github-store.ts'
import {githubTest as test} from '../../../helpers/github-test.ts'

const of = {environment: 'stage-condor'}

describe('what is written to GitHub', () => {
  test('is taken where it is new (201) and where it is another (204)', async ({github}) => {
    const store = storeOf(github)
    await store.write('stage-condor', newSecrets())
    const secrets = newSecrets()
    await store.write('stage-condor', secrets)
    expect(github.writes.filter(({path}) => path.endsWith('TOKEN')).map(({status}) => status)).toEqual([201, 204])
    expect(github.bot('stage-condor')).toEqual(secrets)
  })

  test('is sealed anew where the key was changed since the check', async ({github}) => {
    const store = storeOf(github)
    await store.check('stage-condor')
    github.changeKeys()
    const secrets = newSecrets()
    await store.write('stage-condor', secrets)
    expect(github.bot('stage-condor')).toEqual(secrets)
    expect(github.writes.filter(({path}) => path.includes('/secrets/')).map(({status}) => status)).toEqual([422, 201, 201])
  })

  test('is sealed anew once, and no more', async ({github}) => {
    github.addEnvironment('stage-condor')
    github.faults.push({match: /^PUT/, fail: refusals.staleKey, times: 100})
    const error = await storeOf(github)
      .write('stage-condor', newSecrets())
      .catch((thrown) => thrown)
    expect(error).toMatchObject({code: 'GITHUB_REFUSED', message: expect.stringContaining('key ID does not match')})
    expect(github.writes).toHaveLength(2)
  })

  test('finds its environment made again where somebody deleted it since the check', async ({github}) => {
    const store = storeOf(github)
    await store.check('stage-condor')
    github.home.environments.clear()
    const secrets = newSecrets()
    await store.write('stage-condor', secrets)
    expect(github.bot('stage-condor')).toEqual(secrets)
  })

  test('counts as there only when the list shows that it was changed', async ({github}) => {
    await deliver(storeOf(github), 'stage-condor', newSecrets())
    age(github.scope(of).secrets.get('TURSO_AUTH_TOKEN'))
    github.requests.length = 0
    github.staleReads = 2
    await storeOf(github).write('stage-condor', newSecrets())
    expect(github.requests.filter(({method, path}) => method === 'GET' && path.includes('/secrets?'))).toHaveLength(3)
  })

  test('is not taken for confirmed where the list never shows it', async ({github}) => {
    await deliver(storeOf(github), 'stage-condor', newSecrets())
    age(github.scope(of).secrets.get('TURSO_AUTH_TOKEN'))
    github.staleReads = 1000
    const error = await storeOf(github, {limits: {confirmMs: 300}})
      .write('stage-condor', newSecrets())
      .catch((thrown) => thrown)
    expect(error).toMatchObject({code: 'GITHUB_UNAVAILABLE', message: expect.stringContaining('does not show it as changed')})
  })

  test("is confirmed by GitHub's clock, not by ours", async ({github}) => {
    await deliver(storeOf(github), 'stage-condor', newSecrets())
    github.clockShiftMs = -3600_000
    await storeOf(github).write('stage-condor', newSecrets())
    github.clockShiftMs = 3600_000
    await storeOf(github).write('stage-condor', newSecrets())
  })

  test.for(unusable)('is never %s', async ([, wrong], {github}) => {
    await expect(storeOf(github).write('stage-condor', {...newSecrets(), ...wrong})).rejects.toMatchObject({code: 'SECRETS_INVALID'})
    expect(github.requests).toEqual([])
  })
})

describe('the record on GitHub', () => {
  test.for([
    ['no JSON', '{"v": 1,'],
    ['no object', '"1"'],
    ['of something else', '{"v": 1, "owner": "me"}'],
    ['with instants that are none', '{"v":1,"databaseId":"1","url":"https://a.test","tokenSha256":"1","issuedAt":"soon","expiresAt":"later"}'],
    ['with a number for a name', '{"v":1,"databaseId":1,"url":"https://a.test","tokenSha256":"1","issuedAt":"2026-01-01","expiresAt":"2026-01-01"}'],
  ] as const)('that is %s counts as none, with a warning', async ([, text], {github}) => {
    github.addEnvironment('stage-condor')
    github.setVariable(of, 'STRAT_TOKEN_META', text)
    expect(await storeOf(github).read('stage-condor')).toEqual({
      url: null,
      token: null,
      recordedAt: expect.any(Date),
      warnings: ['STRAT_TOKEN_META in the environment stage-condor of desk/bots is nothing that strat has written, so nothing is known of the token.'],
    })
    await deliver(storeOf(github), 'stage-condor', newSecrets())
    expect(await storeOf(github).read('stage-condor')).toMatchObject({warnings: [], token: {databaseId: 'database-1'}})
  })

  test('of a newer strat is left alone', async ({github}) => {
    github.addEnvironment('stage-condor')
    github.setVariable(of, 'STRAT_TOKEN_META', '{"v": 2}')
    await expect(storeOf(github).read('stage-condor')).rejects.toMatchObject({code: 'STORAGE_NEWER'})
    expect(github.writes).toEqual([])
  })

  test('holds what was delivered and no secret', async ({github}) => {
    const secrets = newSecrets()
    await deliver(storeOf(github), 'stage-condor', secrets)
    const text = github.variableOf(of, 'STRAT_TOKEN_META') ?? ''
    expect(JSON.parse(text)).toMatchObject({v: 1, databaseId: 'database-1', url: secrets.TURSO_DB_URL, template: 'condor', runId: 'run-1'})
    expect(text).not.toContain(secrets.TURSO_AUTH_TOKEN.split('.')[1])
  })

  test('is changed where another run made it in between', async ({github}) => {
    github.addEnvironment('stage-condor')
    github.faults.push({match: /^PATCH/, fail: refusals.notFound, afterwards: () => github.setVariable(of, 'STRAT_TOKEN_META', '{}')})
    const secrets = newSecrets()
    await deliver(storeOf(github), 'stage-condor', secrets)
    expect(github.writes.map(({method, status}) => [method, status]).slice(-3)).toEqual([
      ['PATCH', 404],
      ['POST', 409],
      ['PATCH', 204],
    ])
    expect(await storeOf(github).read('stage-condor')).toMatchObject({url: secrets.TURSO_DB_URL})
  })
})

/** As a secret of yesterday. */
function age(secret: {updatedAt: number} | undefined): void {
  if (secret) secret.updatedAt -= 86_400_000
}
