import {describe, expect, test} from 'vitest'
import {Pace} from '../../../src/fleet/pace.ts'
import {prepareRevocation} from '../../../src/tokens/blast-radius.ts'
import {revoke} from '../../../src/tokens/revoke.ts'
import {refusals} from '../../helpers/github/faults.ts'
import {everything} from '../../helpers/github/tokens.ts'
import {storeOf} from '../../helpers/github-store.ts'
import {isRecordTrue, type Rotation, useStoredSecrets, usingRotation} from '../../helpers/rotation.ts'

const names = ['stage-condor', 'stage-other']

/** Lends two strategies of one group, whose bots have secrets on GitHub. */
const withSecrets = (use: (rotation: Rotation) => Promise<void>) =>
  usingRotation(names, async (rotation) => {
    await rotation.rotate()
    rotation.github.requests.length = 0
    rotation.dev.requests.length = 0
    await use(rotation)
  })

async function revokeTokens({platform, delivery}: Rotation, runId: string) {
  const limits = {settleMs: 100, outageMs: 1000, pollMs: 10}
  const dependencies = {platform, delivery: {...delivery, runId}, pace: new Pace({start: 4, most: 4}), onProgress: () => undefined, limits}
  return revoke(dependencies, await prepareRevocation(dependencies, {name: 'stage-condor'}))
}

/** What a revocation of now would leave that has invalidated the tokens. */
const noteOf = ({platform: {location}}: Rotation, changes: object) =>
  JSON.stringify({v: 1, id: 'revoke-0', group: 'default', target: 'stage-condor', location, state: 'rotated', blocked: [], startedAt: new Date(), ...changes})

const metaOf = ({github}: Rotation, environment: string) => JSON.parse(github.variableOf({environment}, 'STRAT_TOKEN_META') ?? '{}')

describe('a revocation of tokens that are secrets of GitHub', () => {
  test('puts new ones there, and goes on with those alone that failed', async () => {
    await withSecrets(async (rotation) => {
      const {github, dev} = rotation
      const old = github.bot('stage-condor')?.TURSO_AUTH_TOKEN
      github.faults.push({match: /PUT .*stage-other\/secrets/, times: 9, fail: refusals.forbidden()})
      expect(await revokeTokens(rotation, 'revoke-1')).toMatchObject({
        strategies: [{status: 'rotated'}, {name: 'stage-other', status: 'failed', code: 'GITHUB_FORBIDDEN'}],
        finished: false,
      })
      expect(JSON.parse(github.variableOf('repository', 'STRAT_REVOCATION_DEFAULT') ?? '')).toMatchObject({state: 'rotated', id: 'revoke-1', blocked: []})
      const first = github.bot('stage-condor')?.TURSO_AUTH_TOKEN
      expect(first).not.toBe(old)
      github.faults.length = 0
      expect(await revokeTokens(rotation, 'revoke-2')).toMatchObject({revocation: 'revoke-1', dead: ['stage-condor'], finished: true})
      expect(github.bot('stage-condor')?.TURSO_AUTH_TOKEN).toBe(first)
      expect(names.map((name) => metaOf(rotation, name).runId)).toEqual(['revoke-1', 'revoke-1'])
      for (const name of names) expect([await useStoredSecrets(rotation, name), await isRecordTrue(rotation, name)]).toEqual([200, true])
      expect(github.variableOf('repository', 'STRAT_REVOCATION_DEFAULT')).toBeUndefined()
      expect(dev.requests.filter((line) => line.includes('auth/rotate'))).toHaveLength(1)
    })
  })

  test('kills nothing where GitHub keeps no record of it, or takes no secret', async () => {
    await withSecrets(async (rotation) => {
      const {github, dev} = rotation
      for (const match of [/(POST|PATCH) .*actions\/variables/, /public-key/]) {
        github.faults.push({match, times: 9, fail: refusals.forbidden('variables=write')})
        await expect(revokeTokens(rotation, 'revoke-1')).rejects.toMatchObject({code: 'GITHUB_FORBIDDEN'})
        github.faults.length = 0
      }
      expect(dev.requests.filter((line) => line.includes('auth/rotate') || line.startsWith('PATCH'))).toEqual([])
      for (const name of names) expect(await useStoredSecrets(rotation, name)).toBe(200)
    })
  })

  test('kills nothing where the token for GitHub may only read secrets', async () => {
    await withSecrets(async (rotation) => {
      const {github, dev, delivery} = rotation
      const token = github.addToken({...everything, environments: 'read', secrets: 'read'})
      const readOnly = {...delivery, store: storeOf(github, {credentials: {token, inActions: false}})}
      await expect(revokeTokens({...rotation, delivery: readOnly}, 'revoke-1')).rejects.toMatchObject({code: 'GITHUB_FORBIDDEN'})
      expect(github.requests.filter(({path}) => path.endsWith('/STRAT_PROBE'))).toMatchObject([{method: 'PUT', status: 403}])
      expect(dev.requests.filter((line) => line.includes('auth/rotate') || line.startsWith('PATCH'))).toEqual([])
      for (const name of names) expect(await useStoredSecrets(rotation, name)).toBe(200)
    })
  })

  test('invalidates anew where an earlier one is long over, and only its record was left', async () => {
    await withSecrets(async (rotation) => {
      const {github, dev} = rotation
      const startedAt = new Date(Date.now() - 2 * 3600_000).toISOString()
      github.setVariable('repository', 'STRAT_REVOCATION_DEFAULT', noteOf(rotation, {startedAt}))
      const old = names.map((name) => github.bot(name)?.TURSO_AUTH_TOKEN)
      expect(await revokeTokens(rotation, 'revoke-1')).toMatchObject({revocation: 'revoke-1', resumed: false, finished: true})
      expect(dev.requests.filter((line) => line.includes('auth/rotate'))).toHaveLength(1)
      for (const [index, name] of names.entries()) {
        expect(github.bot(name)?.TURSO_AUTH_TOKEN).not.toBe(old[index])
        expect(await useStoredSecrets(rotation, name)).toBe(200)
      }
    })
  })

  test('leaves alone one of another organization, whose group has the same name', async () => {
    await withSecrets(async (rotation) => {
      const {github, dev} = rotation
      const note = noteOf(rotation, {location: 'Turso (organization other)'})
      github.setVariable('repository', 'STRAT_REVOCATION_DEFAULT', note)
      await expect(revokeTokens(rotation, 'revoke-1')).rejects.toMatchObject({
        code: 'REVOCATION_UNFINISHED',
        message: expect.stringContaining('Turso (organization other)'),
      })
      expect(github.variableOf('repository', 'STRAT_REVOCATION_DEFAULT')).toBe(note)
      expect(dev.requests.filter((line) => line.includes('auth/rotate'))).toEqual([])
    })
  })
})
