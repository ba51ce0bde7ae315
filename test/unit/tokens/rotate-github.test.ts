import {describe, expect, test} from 'vitest'
import {StratError} from '../../../src/errors.ts'
import {type Fault, refusals} from '../../helpers/github/faults.ts'
import {isRecordTrue, type Rotation, useStoredSecrets, usingRotation, whileUsed} from '../../helpers/rotation.ts'
import type {DevFault} from '../../helpers/watched-dev.ts'

const name = 'stage-condor'
const place = {environment: name}

const linesOf = ({github}: Rotation) => github.requests.map(({method, path}) => `${method} ${path.replace('/repos/desk/bots', '')}`)

/** Lends a strategy whose bot has a token of 40 days ago. */
const withOldToken = (use: (rotation: Rotation) => Promise<void>) =>
  usingRotation([name], async (rotation) => {
    await rotation.rotate()
    expect(await useStoredSecrets(rotation, name)).toBe(200)
    rotation.age(name, 40)
    rotation.github.requests.length = 0
    rotation.dev.requests.length = 0
    await use(rotation)
  })

/** What a failed run may leave is put right by the next one, and then nothing is due. */
async function expectConverges(rotation: Rotation, what: string, {andStays = true} = {}): Promise<void> {
  const {strategies} = await rotation.rotate()
  expect({what, strategies}).toMatchObject({what, strategies: [{status: expect.stringMatching(/^(rotated|fresh)$/)}]})
  expect({what, status: await useStoredSecrets(rotation, name), isTrue: await isRecordTrue(rotation, name)}).toEqual({what, status: 200, isTrue: true})
  if (andStays) expect({what, strategies: (await rotation.rotate()).strategies}).toMatchObject({what, strategies: [{status: 'fresh'}]})
}

describe('a rotation into GitHub', () => {
  test('that is due asks GitHub six times and Turso four times, records last, and leaves the old token working', async () => {
    await withOldToken(async (rotation) => {
      const {github, dev} = rotation
      const old = github.bot(name)
      expect((await rotation.rotate()).strategies).toMatchObject([{name, status: 'rotated', reason: 'its token is 40 days old'}])
      expect(linesOf(rotation)).toEqual([
        `GET /environments/${name}/variables/STRAT_TOKEN_META`,
        `GET /environments/${name}/secrets/public-key`,
        `PUT /environments/${name}/secrets/TURSO_AUTH_TOKEN`,
        `GET /environments/${name}/secrets?per_page=100`,
        `PATCH /environments/${name}/variables/STRAT_TOKEN_META`,
        expect.stringMatching(/^GET \/actions\/runs\?.*status=in_progress/),
      ])
      expect(dev.requests).toEqual([
        expect.stringMatching(/^GET \/v1\/organizations\/local\/databases/),
        expect.stringMatching(/^POST \/v1\/organizations\/local\/databases\/stage-condor\/auth\/tokens\?expiration=12w6d&authorization=full-access$/),
        `POST /dev/${name}/v2/pipeline`,
        `POST /dev/${name}/v2/pipeline`,
      ])
      expect(await useStoredSecrets(rotation, name)).toBe(200)
      expect(await isRecordTrue(rotation, name)).toBe(true)
      expect(github.bot(name)?.TURSO_AUTH_TOKEN).not.toBe(old?.TURSO_AUTH_TOKEN)
      github.setSecret(place, 'TURSO_AUTH_TOKEN', old?.TURSO_AUTH_TOKEN ?? '')
      expect(await useStoredSecrets(rotation, name)).toBe(200)
    })
  })

  test('of which nothing is due asks GitHub three times and Turso once, and changes nothing', async () => {
    await withOldToken(async (rotation) => {
      rotation.age(name, 10)
      expect((await rotation.rotate()).strategies).toMatchObject([{status: 'fresh'}])
      expect(linesOf(rotation)).toEqual([
        `GET /environments/${name}/variables/STRAT_TOKEN_META`,
        `GET /environments/${name}/secrets?per_page=100`,
        'GET /actions/variables/STRAT_REVOCATION_DEFAULT',
      ])
      expect(rotation.dev.requests).toHaveLength(1)
      expect(rotation.github.writes).toEqual([])
    })
  })

  test('makes the environment where there is none, and delivers both secrets', async () => {
    await usingRotation([name], async (rotation) => {
      expect(rotation.github.bot(name)).toBeUndefined()
      expect((await rotation.rotate()).strategies).toMatchObject([{status: 'rotated', reason: 'nothing is known of a token'}])
      expect(await useStoredSecrets(rotation, name)).toBe(200)
    })
  })

  test('puts back a secret that somebody took away', async () => {
    await withOldToken(async (rotation) => {
      for (const secret of ['TURSO_DB_URL', 'TURSO_AUTH_TOKEN']) {
        rotation.github.scope(place).secrets.delete(secret)
        rotation.age(name, 40)
        expect((await rotation.rotate()).strategies).toMatchObject([{status: 'rotated'}])
        expect(await useStoredSecrets(rotation, name)).toBe(200)
        rotation.github.scope(place).secrets.delete(secret)
        expect((await rotation.rotate()).strategies).toMatchObject([{status: 'rotated', reason: `${secret} is not there`}])
        expect(await useStoredSecrets(rotation, name)).toBe(200)
      }
    })
  })

  test.for<[string, string, string, RegExp?]>([
    ['not JSON', 'hello', 'rotated', /STRAT_TOKEN_META .* nothing that strat has written/],
    ['not a record', '[1]', 'rotated', /nothing that strat has written/],
    ['of a newer strat', '{"v": 2}', 'failed'],
    ['of a database that was destroyed and made again', '{"databaseId": "another"}', 'rotated'],
  ])('where the record is %s: %s', async ([, text, status, warning]) => {
    await withOldToken(async (rotation) => {
      const {github} = rotation
      const before = github.bot(name)
      const meta = text.includes('databaseId') ? {...JSON.parse(github.variableOf(place, 'STRAT_TOKEN_META') ?? ''), ...JSON.parse(text)} : undefined
      github.setVariable(place, 'STRAT_TOKEN_META', meta ? JSON.stringify(meta) : text)
      const {strategies, warnings} = await rotation.rotate()
      expect(strategies).toMatchObject([status === 'failed' ? {status, code: 'STORAGE_NEWER'} : {status}])
      if (warning) expect(warnings).toEqual([expect.stringMatching(warning)])
      if (status === 'failed') expect({now: github.bot(name), record: github.variableOf(place, 'STRAT_TOKEN_META')}).toEqual({now: before, record: text})
      expect(await useStoredSecrets(rotation, name)).toBe(200)
    })
  })

  test('that ended between the secret and its record is done again, also where the record looks fresh', async () => {
    await withOldToken(async (rotation) => {
      rotation.age(name, 10)
      rotation.github.clockShiftMs = 60_000
      rotation.github.setSecret(place, 'TURSO_AUTH_TOKEN', 'a token of somebody else')
      expect((await rotation.rotate()).strategies).toMatchObject([{status: 'rotated', reason: 'its secret is newer than what is recorded of it'}])
      expect(await useStoredSecrets(rotation, name)).toBe(200)
    })
  })

  test('leaves fresh tokens to a revocation of their group that did not end', async () => {
    await withOldToken(async (rotation) => {
      rotation.age(name, 10)
      const note = {v: 1, id: 'r', group: 'default', target: name, state: 'rotated', blocked: [], startedAt: '2026-11-23T00:00:00Z'}
      await rotation.delivery.store.writeNote('revocation-default', JSON.stringify(note))
      expect((await rotation.rotate()).strategies).toMatchObject([{status: 'failed', code: 'REVOCATION_UNFINISHED'}])
      await rotation.delivery.store.writeNote('revocation-default', JSON.stringify({...note, location: 'Turso (organization other)'}))
      expect((await rotation.rotate()).strategies).toMatchObject([{status: 'fresh'}])
    })
  })

  test('of several stops at what hinders all of them alike, and mints no more tokens', async () => {
    await usingRotation(['stage-a', 'stage-b', 'stage-c'], async (rotation) => {
      const {github, dev} = rotation
      await rotation.rotate()
      dev.requests.length = 0
      github.addWorkflow('strat-canary.yml', ['strategy'])
      github.conclude = () => 'failure'
      const {strategies} = await rotation.rotate({force: true, canary: 'strat-canary.yml', width: 1})
      expect(strategies.map((each) => 'reason' in each && each.reason)).toEqual([
        expect.stringMatching(/^The workflow strat-canary.yml ended with failure/),
        expect.stringMatching(/^Not begun after another one failed/),
        expect.stringMatching(/^Not begun after another one failed/),
      ])
      expect(dev.requests.filter((line) => line.includes('/auth/tokens'))).toHaveLength(1)
    })
  })

  test('two at once leave a token that works, and a record that says until when', async () => {
    await withOldToken(async (rotation) => {
      const results = await Promise.all([rotation.rotate(), rotation.rotate(), rotation.rotate()])
      for (const {strategies} of results) expect(strategies).toMatchObject([{status: 'rotated'}])
      expect(await useStoredSecrets(rotation, name)).toBe(200)
      expect((await rotation.rotate()).strategies).toMatchObject([{status: 'fresh'}])
    })
  })

  test('tells which runs go on with the old token', async () => {
    await withOldToken(async (rotation) => {
      rotation.github.addRun({name: 'stage-condor', status: 'in_progress'})
      rotation.github.addRun({name: 'stage-done', status: 'completed', conclusion: 'success'})
      const {unfinishedRuns} = await rotation.rotate()
      expect(unfinishedRuns).toMatchObject([{name: 'stage-condor', status: 'in_progress', url: expect.stringContaining('/actions/runs/')}])
      rotation.github.faults.push({match: /actions\/runs/, fail: refusals.forbidden('actions=read')})
      const {strategies, warnings} = await rotation.rotate({force: true})
      expect({strategies, warnings}).toMatchObject({
        strategies: [{status: 'rotated'}],
        warnings: [expect.stringMatching(/^Nobody can tell which runs still hold old tokens/)],
      })
    })
  })

  test('with a canary: it uses the new secrets, and where it fails they are not recorded', async () => {
    await withOldToken(async (rotation) => {
      const {github} = rotation
      github.addWorkflow('strat-canary.yml', ['strategy'])
      const seen: number[] = []
      github.conclude = async () => {
        seen.push(await useStoredSecrets(rotation, name))
        return 'success'
      }
      expect((await rotation.rotate({canary: 'strat-canary.yml'})).strategies).toMatchObject([{status: 'rotated'}])
      expect({seen, inputs: github.dispatches.map(({inputs}) => inputs)}).toEqual({seen: [200], inputs: [{strategy: name}]})
      rotation.age(name, 40)
      github.conclude = () => 'failure'
      expect((await rotation.rotate({canary: 'strat-canary.yml'})).strategies).toMatchObject([{status: 'failed', code: 'CANARY_FAILED'}])
      expect(await useStoredSecrets(rotation, name)).toBe(200)
      await expectConverges(rotation, 'after a canary')
    })
  })

  test('sees tokens that were revoked while it delivered, and delivers others', async () => {
    await withOldToken(async (rotation) => {
      const {dev, github} = rotation
      github.faults.push({
        match: /^PUT .*TURSO_AUTH_TOKEN$/,
        afterwards: () =>
          fetch(`${dev.url}/v1/organizations/local/databases/${name}/auth/rotate`, {method: 'POST', headers: {authorization: `Bearer ${dev.apiToken}`}}),
      })
      expect((await rotation.rotate()).strategies).toMatchObject([{status: 'rotated'}])
      expect(await useStoredSecrets(rotation, name)).toBe(200)
      expect(await isRecordTrue(rotation, name)).toBe(true)
    })
  })
})

const atGithub: [string, Fault['fail']][] = [
  ['a reset', 'reset'],
  ['a lost reply', 'lose'],
  ['401', refusals.unauthenticated],
  ['403', refusals.forbidden()],
  ['404', refusals.notFound],
  ['409', refusals.conflict],
  ['422 (a stale key)', refusals.staleKey],
  ['429', refusals.tooMany(1)],
  ['a secondary rate limit', refusals.secondaryRateLimit(1)],
  ['502', refusals.badGateway],
]

const atTurso: [string, Omit<DevFault, 'index'>][] = [
  ['a reset', {fail: 'reset'}],
  ['a lost reply', {fail: 'lose'}],
  ['401', {status: 401, body: '{"error":"no"}'}],
  ['403', {status: 403, body: '{"error":"no"}'}],
  ['404', {status: 404, body: '{"error":"no"}'}],
  ['409', {status: 409, body: '{"error":"no"}'}],
  ['422', {status: 422, body: '{"error":"no"}'}],
  ['429', {status: 429, headers: {'retry-after': '0'}}],
  ['502', {status: 502}],
] as [string, Omit<DevFault, 'index'>][]

describe('a rotation in which one request goes wrong', () => {
  test('at GitHub, each in turn, in any way: the stored secret works at every moment, and the next run ends it', {timeout: 240_000}, async () => {
    await withOldToken(async (rotation) => {
      const used = await whileUsed(rotation, name, async () => {
        for (const [what, fail = 'reset'] of atGithub) {
          for (let skip = 0; skip < 6; skip++) {
            rotation.age(name, 40)
            rotation.github.faults.push({match: /./, skip, fail})
            // Where the first look is refused, nobody can sign in.
            await rotation.rotate().catch((error) => expect(error).toBeInstanceOf(StratError))
            expect(rotation.github.faults.at(-1)?.times, `${what} at request ${skip + 1}`).toBe(0)
            await expectConverges(rotation, `${what} at request ${skip + 1} to GitHub`, {andStays: skip === 2})
          }
        }
      })
      expect({...used, requests: used.requests > 200}).toEqual({requests: true, failures: []})
    })
  })

  test('at Turso, each in turn, in any way: the stored secret works, and the next run ends it', {timeout: 240_000}, async () => {
    await withOldToken(async (rotation) => {
      const {dev} = rotation
      for (const [what, fault] of atTurso) {
        for (let index = 1; index <= 4; index++) {
          rotation.age(name, 40)
          dev.requests.length = 0
          dev.fault = {index, ...fault} as DevFault
          // The list of databases is the first.
          await rotation.rotate().catch((error) => expect(error).toBeInstanceOf(StratError))
          expect(dev.requests.length, `${what} at request ${index}`).toBeGreaterThanOrEqual(index)
          dev.fault = undefined
          expect(await useStoredSecrets(rotation, name), `${what} at request ${index}`).toBe(200)
          await expectConverges(rotation, `${what} at request ${index} to Turso`, {andStays: index === 3})
        }
      }
    })
  })
})

describe('a rotation of many', () => {
  const names = Array.from({length: 12}, (_, index) => `stage-${index}`)

  test('writes to GitHub one at a time, with the gap that it asks for, and reads meanwhile', {timeout: 120_000}, async () => {
    await usingRotation(names, async (rotation) => {
      const {github} = rotation
      const gapMs = 40
      const {summary} = await rotation.rotate({limits: {writeGapMs: gapMs}})
      expect(summary).toMatchObject({rotated: names.length, failed: 0})
      const writes = github.writes.map(({at, endedAt = at}) => ({at, endedAt})).sort((a, b) => a.at - b.at)
      expect(writes.length).toBeGreaterThanOrEqual(names.length * 3)
      const gaps = writes.slice(1).map(({at}, index) => at - (writes[index]?.endedAt ?? 0))
      expect(Math.min(...gaps)).toBeGreaterThan(gapMs - 5)
      for (const each of names) expect(await useStoredSecrets(rotation, each), each).toBe(200)
    })
  })
})
