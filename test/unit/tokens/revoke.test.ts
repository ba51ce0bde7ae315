import {describe, expect} from 'vitest'
import {StratError} from '../../../src/errors.ts'
import {prepareRevocation} from '../../../src/tokens/blast-radius.ts'
import {readRevocation} from '../../../src/tokens/revocation.ts'
import {revoke} from '../../../src/tokens/revoke.ts'
import {type FaultyDev, usingFaultyDev} from '../../helpers/faulty-dev.ts'
import {type Bot, botsIn, type Desk, desk, expectNoneTwice, expectRevoked, makeGroup, probeAll, revokeTokens} from '../../helpers/revocation.ts'
import {usingFolder} from '../../helpers/strat.ts'
import {test} from '../../helpers/test.ts'
import {errorOf} from '../../helpers/turso-platform.ts'
import type {Fault} from '../../helpers/turso-server.ts'

type Group = {dev: FaultyDev; folder: string; open: (runId?: string) => Desk; before: Bot[]}

/** Lends a group with its bots, and forgets the requests that made it. */
const usingGroup = (use: (group: Group) => Promise<void>) =>
  usingFolder((folder) =>
    usingFaultyDev(async (dev) => {
      const open = (runId?: string) => desk(dev, folder, runId)
      const before = await makeGroup(open(), folder)
      expect(await probeAll(before)).toEqual(['accepted', 'accepted', 'accepted'])
      dev.requests.length = 0
      await use({dev, folder, open, before})
    }),
  )

const rotations = ({requests}: FaultyDev) => requests.filter((line) => line.includes('auth/rotate'))

describe('a revocation', () => {
  test('kills every earlier token, says which are proven dead, and gives each bot a good one', () =>
    usingGroup(async ({dev, folder, open, before}) => {
      const result = await revokeTokens(open())
      expect(result).toMatchObject({
        group: 'default',
        target: 'live-condor',
        strategies: [{name: 'live-condor', status: 'rotated'}, {name: 'stage-condor'}, {name: 'stage-frozen'}],
        dead: ['live-condor', 'not-ours', 'stage-condor', 'stage-frozen'],
        unaffected: [],
        unmarked: ['not-ours'],
        warnings: [],
        finished: true,
      })
      await expectRevoked(open(), folder, before)
      expect(rotations(dev)).toHaveLength(1)
      expect(JSON.stringify(result)).not.toMatch(/eyJ/)
    }))

  test('tells which tokens it did not reach, and gives their bots new ones all the same', () =>
    usingGroup(async ({dev, folder, open, before}) => {
      dev.isGroupWide = false
      expect(await revokeTokens(open())).toMatchObject({dead: ['live-condor'], unaffected: ['not-ours', 'stage-condor', 'stage-frozen']})
      expect(await probeAll(before)).toEqual(['refused', 'accepted', 'accepted'])
      const now = await botsIn(folder)
      expect(await probeAll(now)).toEqual(['accepted', 'accepted', 'accepted'])
      expect(now.map(({authToken}) => authToken)).not.toContain(before[1]?.authToken)
    }))

  test('blocks the writes of what is ours until the bots have new tokens', () =>
    usingGroup(async ({dev, open}) => {
      const blocked = async () => {
        const {platform} = desk({...dev, url: dev.server.url}, '')
        return Promise.all(['live-condor', 'stage-condor', 'not-ours'].map(async (name) => (await platform.readConfiguration(name)).blockWrites))
      }
      const seen: Promise<boolean[]>[] = []
      dev.watch = (line) => void (/auth\/(rotate|tokens\?expiration=(?!1h&))/.test(line) && seen.push(blocked()))
      await revokeTokens(open())
      expect(seen).toHaveLength(4)
      for (const states of await Promise.all(seen)) expect(states).toEqual([true, true, false])
      expect(await blocked()).toEqual([false, false, false])
    }))

  test('leaves all as it was where the platform refuses', () =>
    usingGroup(async ({dev, folder, open, before}) => {
      dev.faults.push({match: /auth\/rotate/, times: 9, respond: {status: 403, body: {error: 'the API token lacks the scope db:rotate-creds'}}})
      expect(await errorOf(revokeTokens(open()))).toMatchObject({code: 'TURSO_FORBIDDEN', message: expect.stringContaining('db:rotate-creds')})
      const {platform, delivery} = open()
      expect(await probeAll(before)).toEqual(['accepted', 'accepted', 'accepted'])
      expect(await botsIn(folder)).toEqual(before)
      expect(await delivery.store.readNote('revocation-default')).toBeUndefined()
      expect(await platform.readConfiguration('live-condor')).toMatchObject({blockWrites: false})
    }))

  test('goes on where one strategy failed, and invalidates nothing any more', () =>
    usingGroup(async ({dev, folder, open, before}) => {
      dev.faults.push({match: /stage-condor\/auth\/tokens\?expiration=(?!1h&)/, times: 9, respond: {status: 402, body: {error: 'no'}}})
      const failed = await revokeTokens(open())
      expect(failed).toMatchObject({
        strategies: [{status: 'rotated'}, {name: 'stage-condor', status: 'failed', code: 'TURSO_PLAN_LIMIT'}, {status: 'rotated'}],
        finished: false,
      })
      dev.faults.length = 0
      expect(await revokeTokens(open('run-2'))).toMatchObject({revocation: failed.revocation, dead: failed.dead, finished: true})
      await expectRevoked(open(), folder, before)
      expect(rotations(dev)).toHaveLength(1)
    }))

  test('does not begin while that of another strategy of the group has not ended, unless that one is gone', () =>
    usingGroup(async ({dev, folder, open}) => {
      dev.faults.push({match: /auth\/tokens\?expiration=(?!1h&)/, times: 9, respond: {status: 402, body: {error: 'no'}}})
      await revokeTokens(open())
      dev.faults.length = 0
      expect(await errorOf(revokeTokens(open('run-2'), 'stage-condor'))).toMatchObject({
        code: 'REVOCATION_UNFINISHED',
        suggestions: [expect.stringContaining('strat rotate live-condor --revoke')],
      })
      const {platform, delivery} = open()
      await platform.deleteDatabase((await platform.getDatabase('live-condor')) ?? {name: '', id: ''})
      expect(await revokeTokens(open('run-2'), 'stage-condor')).toMatchObject({
        revocation: 'run-2',
        dead: ['not-ours', 'stage-condor', 'stage-frozen'],
        finished: true,
      })
      expect(await probeAll((await botsIn(folder)).slice(1))).toEqual(['accepted', 'accepted'])
      expect(await delivery.store.readNote('revocation-default')).toBeUndefined()
      expect(await platform.readConfiguration('stage-condor')).toMatchObject({blockWrites: false})
    }))

  test('stops before anything is changed where a bot could get no new token', () =>
    usingGroup(async ({dev, open}) => {
      const dependencies = open()
      dependencies.delivery.permissionsOf = async () => []
      expect(await errorOf(revokeTokens(dependencies))).toMatchObject({code: 'PERMISSIONS_UNKNOWN'})
      expect(dev.requests.filter((line) => line.startsWith('PATCH') || line.includes('rotate'))).toEqual([])
    }))

  test('takes no note of a newer strat, nor one that it cannot read, for its own', () =>
    usingGroup(async ({open}) => {
      const {store} = open().delivery
      await store.writeNote('revocation-default', '{"v": 2}')
      expect(await errorOf(revokeTokens(open()))).toMatchObject({code: 'STORAGE_NEWER'})
      await store.writeNote('revocation-default', 'rotated')
      expect(await errorOf(revokeTokens(open()))).toMatchObject({code: 'REVOCATION_UNFINISHED'})
    }))
})

describe('the invalidation', () => {
  test('is asked for again after a lost request only when the tokens are proven to be alive', () =>
    usingGroup(async ({dev, folder, open, before}) => {
      dev.faults.push({match: /auth\/rotate/, fail: 'reset'})
      expect(await revokeTokens(open())).toMatchObject({finished: true})
      expect(rotations(dev)).toHaveLength(2)
      await expectRevoked(open(), folder, before)
    }))

  test('is not asked for again after a lost reply: the tokens say that they are dead', () =>
    usingGroup(async ({dev, folder, open, before}) => {
      dev.faults.push({match: /auth\/rotate/, fail: 'lose'})
      expect(await revokeTokens(open())).toMatchObject({finished: true})
      expect(rotations(dev)).toHaveLength(1)
      await expectRevoked(open(), folder, before)
    }))

  test('is not believed in while a token from before is accepted', () =>
    usingGroup(async ({dev, folder, open, before}) => {
      dev.faults.push({match: /auth\/rotate/, respond: {status: 200}})
      expect(await errorOf(revokeTokens(open()))).toMatchObject({code: 'REVOCATION_UNPROVEN'})
      expect(await readRevocation(open().delivery.store, 'default')).toMatchObject({state: 'rotating', target: 'live-condor'})
      expect(await revokeTokens(open('run-2'))).toMatchObject({finished: true})
      await expectRevoked(open(), folder, before)
    }))
})

const troubles: Partial<Fault>[] = [{fail: 'reset'}, {respond: {status: 502}}, {respond: {status: 404, body: {error: 'not found'}}}]

describe.for<[string, RegExp, number, (index: number) => Partial<Fault>]>([
  ['a lost reply to every second request that changes something', /^PATCH|auth\/(rotate|tokens)/, 2, () => ({fail: 'lose'})],
  ['a connection that is cut, HTTP 502 or 404 at every fourth request', /./, 4, (index) => troubles[index % 3] ?? {}],
])('%s', ([title, match, step, trouble]) => {
  test('leaves a revocation that the same command ends', {timeout: 300_000}, async () => {
    let hits = 0
    for (let index = 1; hits === (index - 1) / step; index += step) {
      await usingGroup(async ({dev, folder, open, before}) => {
        let [met, hit] = [0, '']
        dev.watch = (line) => {
          if (match.test(line)) met += 1
          if (met !== index || hit !== '') return
          hit = `${title}: ${line}`
          dev.faults.push({match: /./, ...trouble(index)})
        }
        const first = await revokeTokens(open()).catch((error) => error)
        if (first instanceof Error) expect(first, hit).toBeInstanceOf(StratError)
        dev.watch = () => undefined
        if (hit === '') return
        hits += 1
        if (first instanceof Error || !first.finished) expect(await revokeTokens(open('run-2')), hit).toMatchObject({finished: true})
        await expectRevoked(open(), folder, before, hit)
        expectNoneTwice(dev.requests, hit)
      })
    }
    expect(hits).toBeGreaterThan(5)
  })
})

describe('two revocations at once', () => {
  test('are one before anything is invalidated: who sees the other takes back what it has blocked', () =>
    usingGroup(async ({dev, folder, open, before}) => {
      const dependencies = open()
      const {store} = dependencies.delivery
      const others = JSON.stringify({v: 1, id: 'other', group: 'default', target: 'live-condor', state: 'rotating', blocked: [], startedAt: '2026-11-23'})
      const prepared = await prepareRevocation(dependencies, {name: 'live-condor'})
      let taken: Promise<void> | undefined
      dev.watch = (line) => {
        if (line.includes('read-only')) taken ??= store.writeNote('revocation-default', others)
      }
      expect(await errorOf(revoke(dependencies, prepared))).toMatchObject({code: 'REVOCATION_RACE'})
      await taken
      expect(rotations(dev)).toEqual([])
      expect(await store.readNote('revocation-default')).toBe(others)
      expect(await dependencies.platform.readConfiguration('live-condor')).toMatchObject({blockWrites: false})
      expect(await botsIn(folder)).toEqual(before)
    }))

  test('leave no dead token in the store: one that was killed while it was written is minted again', () =>
    usingGroup(async ({folder, open, before}) => {
      const dependencies = open()
      const {platform, delivery} = dependencies
      const {store} = delivery
      let others: Promise<unknown> | undefined
      delivery.store = {
        ...store,
        async write(...values) {
          others ??= platform.invalidateTokens({name: 'stage-condor', group: 'default'})
          await others
          return store.write(...values)
        },
      }
      expect(await revokeTokens(dependencies)).toMatchObject({finished: true})
      await expectRevoked(open(), folder, before)
    }))

  test('end with good tokens for all, and nothing left', {timeout: 120_000}, async () => {
    for (let round = 0; round < 3; round++) {
      await usingGroup(async ({dev, folder, open, before}) => {
        let requests = 0
        dev.watch = () => {
          requests += 1
          // Now the one, now the other is late.
          if (requests % 7 === round * 2) dev.faults.push({match: /./, delayMs: 30})
        }
        const [one, other] = [open('one'), open('other')]
        const prepared = await Promise.all([prepareRevocation(one, {name: 'live-condor'}), prepareRevocation(other, {name: 'live-condor'})])
        const results = await Promise.all([revoke(one, prepared[0]), revoke(other, prepared[1])].map((each) => each.catch((error) => error)))
        const codes = results.flatMap((result) => (result instanceof Error ? [result instanceof StratError ? result.code : result] : []))
        expect(codes.filter((code) => code !== 'REVOCATION_RACE')).toEqual([])
        expect(codes.length).toBeLessThan(2)
        await expectRevoked(open(), folder, before, `round ${round}`)
      })
    }
  })
})
