import {describe, expect} from 'vitest'
import {deliver, newSecrets} from '../../../helpers/github-delivery.ts'
import {storeOf} from '../../../helpers/github-store.ts'
import {githubTest as test} from '../../../helpers/github-test.ts'

const tokenName = 'TURSO_AUTH_TOKEN_STAGE_CONDOR'

describe('the secrets of an organization', () => {
  test('are for this repository alone where they are new', async ({github}) => {
    const secrets = newSecrets()
    await deliver(storeOf(github, {scope: 'organization'}), 'stage-condor', secrets)
    const access = {visibility: 'selected', repositoryIds: [github.home.id]}
    const {secrets: kept, variables} = github.scope('organization')
    expect([...kept.values(), ...variables.values()].map((each) => [each.name, each.access])).toEqual([
      ['TURSO_DB_URL_STAGE_CONDOR', access],
      [tokenName, access],
      ['STRAT_TOKEN_META_STAGE_CONDOR', access],
    ])
    expect(github.bot('stage-condor', {scope: 'organization'})).toEqual(secrets)
  })

  test.for(['all', 'private'] as const)('stay visible to %s', async (visibility, {github}) => {
    const store = storeOf(github, {scope: 'organization'})
    await deliver(store, 'stage-condor', newSecrets())
    const before = github.scope('organization').secrets.get(tokenName)
    if (before) before.access = {visibility, repositoryIds: []}
    await deliver(store, 'stage-condor', newSecrets())
    expect(github.scope('organization').secrets.get(tokenName)?.access).toEqual({visibility, repositoryIds: []})
  })

  test('stay selected for all repositories that they were, however many', async ({github}) => {
    const ids = Array.from({length: 230}, (_, index) => github.addRepository(`desk/bots-${index}`).id)
    const store = storeOf(github, {scope: 'organization'})
    await deliver(store, 'stage-condor', newSecrets())
    const before = github.scope('organization').secrets.get(tokenName)
    if (before) before.access = {visibility: 'selected', repositoryIds: ids}
    await deliver(store, 'stage-condor', newSecrets())
    const after = github.scope('organization').secrets.get(tokenName)?.access?.repositoryIds ?? []
    expect([...after].sort()).toEqual([...ids].sort())
  })

  test('are found among more than a page of others', async ({github}) => {
    const store = storeOf(github, {scope: 'organization'})
    await deliver(store, 'stage-condor', newSecrets())
    const {secrets} = github.scope('organization')
    const ours = [...secrets]
    secrets.clear()
    for (let index = 0; index < 130; index++) github.setSecret('organization', `A_${index}`, 'theirs')
    for (const [name, secret] of ours) secrets.set(name, secret)
    expect(await store.list('stage-condor')).toHaveLength(2)
  })

  test('of an owner that is none are refused with the reason', async ({github}) => {
    github.organizations.clear()
    const error = await storeOf(github, {scope: 'organization'})
      .check('stage-condor')
      .catch((thrown) => thrown)
    expect(error).toMatchObject({code: 'GITHUB_NOT_FOUND', message: expect.stringContaining('the organization desk')})
  })
})
