import {describe, expect} from 'vitest'
import {StratError} from '../../../../src/errors.ts'
import {type Fault, refusals} from '../../../helpers/github/faults.ts'
import {deliver, newSecrets} from '../../../helpers/github-delivery.ts'
import {storeOf} from '../../../helpers/github-store.ts'
import {githubTest as test} from '../../../helpers/github-test.ts'

const lasting = 1000

type Outcome = {mustEnd?: string; mayEnd?: string[]}

/** What goes wrong, and with which error a delivery must or may end because of it. */
const faults: [string, Pick<Fault, 'fail' | 'times'>, Outcome][] = [
  ['a reset', {fail: 'reset'}, {}],
  ['a lost reply', {fail: 'lose'}, {}],
  ['a 502', {fail: refusals.badGateway}, {}],
  ['a 429', {fail: refusals.tooMany(1)}, {}],
  ['a secondary limit', {fail: refusals.secondaryRateLimit(1)}, {}],
  ['a stale key', {fail: refusals.staleKey}, {mayEnd: ['GITHUB_REFUSED']}],
  ['a conflict', {fail: refusals.conflict}, {mayEnd: ['GITHUB_REFUSED']}],
  ['a 401', {fail: refusals.unauthenticated}, {mustEnd: 'GITHUB_UNAUTHENTICATED'}],
  ['a 403', {fail: refusals.forbidden()}, {mustEnd: 'GITHUB_FORBIDDEN'}],
  ['a 404', {fail: refusals.notFound}, {mayEnd: ['GITHUB_NOT_FOUND', 'GITHUB_UNAVAILABLE']}],
  ['resets without end', {fail: 'reset', times: lasting}, {mustEnd: 'GITHUB_UNAVAILABLE'}],
  ['lost replies without end', {fail: 'lose', times: lasting}, {mustEnd: 'GITHUB_UNAVAILABLE'}],
  ['502s without end', {fail: refusals.badGateway, times: lasting}, {mustEnd: 'GITHUB_UNAVAILABLE'}],
  ['429s without end', {fail: refusals.tooMany(1), times: lasting}, {mustEnd: 'GITHUB_RATE_LIMITED'}],
  ['a secondary limit without end', {fail: refusals.secondaryRateLimit(1), times: lasting}, {mustEnd: 'GITHUB_RATE_LIMITED'}],
  ['a limit of ten minutes', {fail: refusals.tooMany(600)}, {mustEnd: 'GITHUB_RATE_LIMITED'}],
  ['a secondary limit of ten minutes', {fail: refusals.secondaryRateLimit(600)}, {mustEnd: 'GITHUB_RATE_LIMITED'}],
  ['the limit of the hour', {fail: refusals.rateLimit(new Date(Date.now() + 1800_000))}, {mustEnd: 'GITHUB_RATE_LIMITED'}],
]

/** Everything that an error tells, with its causes. */
function told(error: unknown): string {
  const parts: string[] = []
  for (let each = error; each instanceof Error; each = each.cause) parts.push(JSON.stringify({...each, message: each.message, stack: each.stack}))
  return parts.join('\n')
}

describe('whatever goes wrong at GitHub at whichever request', () => {
  for (const [name, fault, {mustEnd, mayEnd = []}] of faults) {
    test(`after ${name} the bot has secrets that work, the next delivery succeeds, and no secret is told`, {timeout: 60_000}, async ({github}) => {
      let secrets = newSecrets()
      await deliver(storeOf(github), 'stage-condor', secrets)
      for (let skip = 0; skip < 5; skip++) {
        const before = secrets
        secrets = newSecrets()
        github.faults.splice(0, github.faults.length, {match: /./, skip, ...fault})
        const error = await deliver(storeOf(github, {limits: {confirmMs: 300}}), 'stage-condor', secrets).catch((thrown: unknown) => thrown)
        const ended = error === undefined ? undefined : error instanceof StratError ? error.code : error
        expect(mustEnd ? [mustEnd] : [undefined, ...mayEnd]).toContain(ended)
        for (const secret of [github.token, secrets.TURSO_AUTH_TOKEN, 'encrypted_value']) expect(told(error)).not.toContain(secret)
        expect([before, secrets]).toContainEqual(github.bot('stage-condor'))
        github.faults.length = 0
        await deliver(storeOf(github), 'stage-condor', secrets)
        expect(github.bot('stage-condor')).toEqual(secrets)
      }
    })
  }

  test('a limit says from when on it makes sense again', async ({github}) => {
    github.faults.push({match: /^GET/, fail: refusals.tooMany(600)})
    const error = await storeOf(github)
      .read('stage-condor')
      .catch((thrown) => thrown)
    const [instant = ''] = /\d{4}-\d\d-\d\dT[\d:]+Z/.exec(error.message) ?? []
    expect(Math.abs(Date.parse(instant) - Date.now() - 600_000)).toBeLessThan(5000)
  })

  test('Retry-After is waited for, also by those that write', async ({github}) => {
    github.addEnvironment('stage-condor')
    github.faults.push({match: /^PUT/, fail: refusals.tooMany(3)}, {match: /^PUT/, skip: 1, fail: refusals.secondaryRateLimit(2)})
    await storeOf(github, {limits: {secondMs: 100}}).write('stage-condor', newSecrets())
    const [first, second, third, fourth] = github.writes
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(299)
    expect((fourth?.at ?? 0) - (third?.at ?? 0)).toBeGreaterThanOrEqual(199)
  })

  test('nobody waits for an answer for ever', async ({github}) => {
    github.faults.push({match: /^GET/, delayMs: 3000, times: lasting})
    const error = await storeOf(github, {limits: {answerMs: 50}})
      .read('stage-condor')
      .catch((thrown) => thrown)
    expect(error).toMatchObject({code: 'GITHUB_UNAVAILABLE', message: expect.stringContaining('did not answer within 0.05 seconds')})
  })

  test('what answers with pages, or with something else, is not taken for GitHub', async ({github}) => {
    github.addEnvironment('stage-condor')
    for (const body of ['<html>Sign in to the network', {ok: true}, [], null]) {
      github.faults.push({match: /^GET/, fail: {status: 200, body}})
      await expect(storeOf(github).check('stage-condor')).rejects.toMatchObject({code: 'GITHUB_UNAVAILABLE'})
    }
  })
})
