import {describe, expect} from 'vitest'
import {storeOf} from '../../../helpers/github-store.ts'
import {githubTest as test} from '../../../helpers/github-test.ts'

const name = 'TURSO_DB_URL_STAGE_CONDOR'

describe('a secret of the same name in a narrower place', () => {
  test.for([
    ['repository', {environment: 'a / b'}, 'environment a / b of desk/bots'],
    ['organization', {environment: 'a / b'}, 'environment a / b of desk/bots'],
    ['organization', 'repository', 'repository desk/bots'],
  ] as const)('of %s secrets is found before anything is written: %j', async ([scope, place, title], {github}) => {
    for (let index = 0; index < 12; index++) github.addEnvironment(`other-${index}`)
    github.addEnvironment('a / b')
    github.setSecret(place, name, 'theirs')
    const store = storeOf(github, {scope})
    const error = await store.check('stage-condor').catch((thrown) => thrown)
    expect(error).toMatchObject({code: 'SECRET_SHADOWED', message: expect.stringContaining(`The ${title} has a secret ${name} too`)})
    expect(github.writes).toEqual([])
    await store.check('live-butterfly')
  })

  test('is looked for once for many strategies', async ({github}) => {
    github.addEnvironment('a')
    const store = storeOf(github, {scope: 'organization'})
    await Promise.all(Array.from({length: 20}, (_, index) => store.check(`stage-${index}`)))
    expect(github.requests).toHaveLength(4)
  })

  test('does not exist for those of an environment, the narrowest', async ({github}) => {
    github.setSecret('repository', 'TURSO_DB_URL', 'theirs')
    github.setSecret('organization', 'TURSO_DB_URL', 'theirs')
    await storeOf(github).check('stage-condor')
  })
})
