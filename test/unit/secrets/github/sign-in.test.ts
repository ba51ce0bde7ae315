import {describe, expect} from 'vitest'
import {deliver, newSecrets} from '../../../helpers/github-delivery.ts'
import {signedIn, storeOf} from '../../../helpers/github-store.ts'
import {githubTest as test} from '../../../helpers/github-test.ts'
import {errorOf} from '../../../helpers/turso-platform.ts'

describe('a token', () => {
  test('that is missing is asked for, and GitHub is not', async ({github}) => {
    expect(await errorOf(signedIn(github, {}).read('stage-condor'))).toMatchObject({code: 'GITHUB_TOKEN_REQUIRED'})
    expect(github.requests).toEqual([])
  })

  test.for(['two words', 'línea', 'a\nb'])('that no header can hold is refused without being told: %j', async (token, {github}) => {
    const error = await errorOf(signedIn(github, {token}).read('stage-condor'))
    expect(error).toMatchObject({code: 'GITHUB_UNAUTHENTICATED', message: expect.not.stringContaining(token)})
  })

  test('that GitHub does not know is refused at the first read', async ({github}) => {
    const error = await errorOf(signedIn(github, {token: 'github_pat_gone'}).read('stage-condor'))
    expect(error).toMatchObject({code: 'GITHUB_UNAUTHENTICATED', message: expect.stringContaining('Bad credentials')})
    expect(github.requests).toHaveLength(1)
  })

  test('that lacks a permission is told which', async ({github}) => {
    const token = github.addToken({metadata: 'read', environments: 'read'})
    github.addEnvironment('stage-condor')
    const error = await errorOf(signedIn(github, {token}).write('stage-condor', newSecrets()))
    expect(error).toMatchObject({code: 'GITHUB_FORBIDDEN', message: expect.stringContaining('What is missing: Environments: write.')})
  })

  test('that may look after environments and nothing else is enough where they are there', async ({github}) => {
    const store = signedIn(github, {token: github.addToken({metadata: 'read', environments: 'write'})})
    const error = await errorOf(store.check('stage-condor'))
    expect(error).toMatchObject({code: 'GITHUB_FORBIDDEN', message: expect.stringContaining('What is missing: Administration: write.')})
    expect(error.suggestions[0]).toMatch(/^Make the environment stage-condor of desk\/bots in the repository's settings/)
    github.addEnvironment('stage-condor')
    await deliver(store, 'stage-condor', newSecrets())
    expect(github.bot('stage-condor')).toBeDefined()
  })

  test('that may not see the repository is told so, and a missing environment or variable is none of that', async ({github}) => {
    const token = github.addToken({metadata: 'read', environments: 'write'}, ['desk/other'])
    for (const store of [signedIn(github, {token}), storeOf(github, {repository: 'desk/nothing'})]) {
      for (const ask of [store.read, store.check, store.list, store.remove]) {
        expect(await errorOf(ask('stage-condor'))).toMatchObject({
          code: 'GITHUB_NOT_FOUND',
          message: expect.stringMatching(/has no repository desk\/(bots|nothing)/),
        })
      }
    }
    expect(await storeOf(github).read('stage-condor')).toMatchObject({token: null})
    expect(github.writes).toEqual([])
  })

  test('of the workflow itself is recognised, and the two ways out are named', async ({github}) => {
    github.addEnvironment('stage-condor')
    const error = await errorOf(signedIn(github, {token: github.workflowToken(), inActions: true}).read('stage-condor'))
    expect(error).toMatchObject({
      code: 'GITHUB_FORBIDDEN',
      message: expect.stringMatching(
        /not accessible by integration\. If GITHUB_TOKEN is the workflow's own, it cannot write secrets.*If it is an App's, what is missing: /,
      ),
    })
    expect(error.suggestions.join()).toMatch(/fine-grained personal access token.*GitHub App/s)
  })

  test('is not sent over plain http to another machine', async ({github}) => {
    expect(() => storeOf(github, {apiUrl: 'http://github.example.com/api/v3'})).toThrow(expect.objectContaining({code: 'GITHUB_INSECURE'}))
  })
})
