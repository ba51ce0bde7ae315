import {generateKeyPairSync} from 'node:crypto'
import {describe, expect} from 'vitest'
import type {GithubCredentials} from '../../../../src/secrets/github/credentials.ts'
import type {App} from '../../../helpers/github/app.ts'
import {refusals} from '../../../helpers/github/faults.ts'
import type {Github} from '../../../helpers/github/state.ts'
import {deliver, newSecrets} from '../../../helpers/github-delivery.ts'
import {storeOf} from '../../../helpers/github-store.ts'
import {githubTest as test} from '../../../helpers/github-test.ts'

const signedIn = (github: Github, credentials: Partial<GithubCredentials>) => storeOf(github, {credentials: {inActions: false, ...credentials}})
const withApp = (github: Github, {id, privateKey}: App) => signedIn(github, {app: {id: String(id), privateKey}, token: 'github_pat_that_is_not_asked'})
const refused = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error) => error,
  )
const tokensAsked = ({requests}: Github) => requests.filter(({path}) => path.endsWith('/access_tokens'))

describe('a token', () => {
  test('that is missing is asked for, and GitHub is not', async ({github}) => {
    expect(await refused(signedIn(github, {}).read('stage-condor'))).toMatchObject({code: 'GITHUB_TOKEN_REQUIRED'})
    expect(github.requests).toEqual([])
  })

  test.for(['two words', 'línea', 'a\nb'])('that no header can hold is refused without being told: %j', async (token, {github}) => {
    const error = await refused(signedIn(github, {token}).read('stage-condor'))
    expect(error).toMatchObject({code: 'GITHUB_UNAUTHENTICATED', message: expect.not.stringContaining(token)})
  })

  test('that GitHub does not know is refused at the first read', async ({github}) => {
    const error = await refused(signedIn(github, {token: 'github_pat_gone'}).read('stage-condor'))
    expect(error).toMatchObject({code: 'GITHUB_UNAUTHENTICATED', message: expect.stringContaining('Bad credentials')})
    expect(github.requests).toHaveLength(1)
  })

  test('that lacks a permission is told which', async ({github}) => {
    const token = github.addToken({metadata: 'read', environments: 'read'})
    github.addEnvironment('stage-condor')
    const error = await refused(signedIn(github, {token}).write('stage-condor', newSecrets()))
    expect(error).toMatchObject({code: 'GITHUB_FORBIDDEN', message: expect.stringContaining('What is missing: Environments: write.')})
  })

  test('that may look after environments and nothing else is enough where they are there', async ({github}) => {
    const store = signedIn(github, {token: github.addToken({metadata: 'read', environments: 'write'})})
    const error = await refused(store.check('stage-condor'))
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
        expect(await refused(ask('stage-condor'))).toMatchObject({
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
    const error = await refused(signedIn(github, {token: github.workflowToken(), inActions: true}).read('stage-condor'))
    expect(error).toMatchObject({
      code: 'GITHUB_FORBIDDEN',
      message: expect.stringMatching(/own GITHUB_TOKEN cannot write secrets.*not accessible by integration/),
    })
    expect(error.suggestions.join()).toMatch(/fine-grained personal access token.*GitHub App/s)
  })

  test('is not sent over plain http to another machine', async ({github}) => {
    expect(() => storeOf(github, {apiUrl: 'http://github.example.com/api/v3'})).toThrow(expect.objectContaining({code: 'GITHUB_INSECURE'}))
  })
})

describe('a GitHub App', () => {
  test('signs in for this repository alone, once for many calls at once', async ({github}) => {
    const store = withApp(github, github.addApp())
    await Promise.all(['stage-a', 'stage-b', 'stage-c'].map((name) => deliver(store, name, newSecrets())))
    expect(tokensAsked(github)).toHaveLength(1)
    const {repositories, permissions} = JSON.parse(tokensAsked(github)[0]?.body ?? '')
    expect(repositories).toEqual(['bots'])
    expect(permissions).toMatchObject({environments: 'write'})
    expect(Object.keys(permissions)).not.toContain('organization_secrets')
    expect(github.bot('stage-c')).toBeDefined()
  })

  test('wins over a token', async ({github}) => {
    const {id, privateKey} = github.addApp()
    const store = signedIn(github, {app: {id: String(id), privateKey}, token: github.workflowToken(), inActions: true})
    await deliver(store, 'stage-condor', newSecrets())
  })

  test.for<[string, (key: string) => string]>([
    ['on one line, as CI systems keep it', (key) => key.replaceAll('\n', '\\n')],
    ['with line breaks of Windows', (key) => key.replaceAll('\n', '\r\n')],
    ['with spaces around it', (key) => `\n  ${key}  \n`],
  ])('may have its key %s', async ([, change], {github}) => {
    const app = github.addApp()
    expect(await withApp(github, {...app, privateKey: change(app.privateKey)}).read('stage-condor')).toMatchObject({token: null})
  })

  test('asks for another token before the one it has ends, and where it is not accepted any more', async ({github}) => {
    github.addEnvironment('stage-condor')
    const store = withApp(github, github.addApp())
    github.installationTokenMs = 4 * 60_000
    await store.list('stage-condor')
    github.installationTokenMs = 3600_000
    await store.list('stage-condor')
    expect(tokensAsked(github)).toHaveLength(2)
    for (const grant of github.grants.values()) if (grant.kind === 'integration') grant.expiresAt = 0
    await store.list('stage-condor')
    expect(tokensAsked(github)).toHaveLength(3)
    github.faults.push({match: /secrets/, fail: refusals.unauthenticated, times: 10})
    expect(await refused(store.list('stage-condor'))).toMatchObject({code: 'GITHUB_UNAUTHENTICATED'})
    expect(tokensAsked(github)).toHaveLength(4)
  })

  test.for([
    [-300_000, /^The clock of this machine is 30\d seconds ahead of GitHub's/],
    [1200_000, /^The clock of this machine is 1(200|199) seconds behind GitHub's/],
  ] as const)("goes by GitHub's clock where that differs by %s ms, and says so once", async ([shiftMs, warning], {github}) => {
    github.clockShiftMs = shiftMs
    const store = withApp(github, github.addApp())
    expect((await store.read('stage-condor')).warnings).toEqual([expect.stringMatching(warning)])
    expect((await store.read('stage-condor')).warnings).toEqual([])
    await deliver(store, 'stage-condor', newSecrets())
  })

  test('with a key that was deleted on GitHub is told so', async ({github}) => {
    const app = github.addApp()
    app.publicKey = undefined
    const error = await refused(withApp(github, app).read('stage-condor'))
    expect(error).toMatchObject({
      code: 'GITHUB_UNAUTHENTICATED',
      message: expect.stringMatching(/App's id and private key: Integration must generate a public key/),
    })
  })

  test('with an id that GitHub does not know, or that is not installed here, is told so', async ({github}) => {
    const app = github.addApp({repositories: ['desk/other']})
    for (const each of [app, {...app, id: 4711}]) {
      expect(await refused(withApp(github, each).read('stage-condor'))).toMatchObject({
        code: 'GITHUB_NOT_FOUND',
        message: expect.stringContaining('the App is not installed on it'),
      })
    }
  })

  test.for<[string, (app: App) => {id: string; privateKey: string}]>([
    ['a key that is none', ({id}) => ({id: String(id), privateKey: 'hunter2'})],
    ['no key', ({id}) => ({id: String(id), privateKey: ''})],
    [
      'a key of another kind',
      ({id}) => ({id: String(id), privateKey: generateKeyPairSync('ed25519').privateKey.export({type: 'pkcs8', format: 'pem'}).toString()}),
    ],
    ['no id', ({privateKey}) => ({id: '', privateKey})],
    ['an id of several lines', ({privateKey}) => ({id: '1\n2', privateKey})],
  ])('with %s is refused before anything is asked', async ([, change], {github}) => {
    const app = change(github.addApp())
    const error = await refused(signedIn(github, {app}).read('stage-condor'))
    expect(error).toMatchObject({code: 'GITHUB_APP_INVALID', message: expect.not.stringMatching(/hunter2|BEGIN/)})
    expect(github.requests).toEqual([])
  })
})
