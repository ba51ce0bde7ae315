import {generateKeyPairSync} from 'node:crypto'
import {describe, expect} from 'vitest'
import type {App} from '../../../helpers/github/app.ts'
import {refusals} from '../../../helpers/github/faults.ts'
import type {Github} from '../../../helpers/github/state.ts'
import {deliver, newSecrets} from '../../../helpers/github-delivery.ts'
import {signedIn} from '../../../helpers/github-store.ts'
import {githubTest as test} from '../../../helpers/github-test.ts'
import {errorOf} from '../../../helpers/turso-platform.ts'

const withApp = (github: Github, {id, privateKey}: {id: number; privateKey: string}) =>
  signedIn(github, {app: {id: String(id), privateKey}, token: 'github_pat_that_is_not_asked'})
const tokensAsked = ({requests}: Github) => requests.filter(({path}) => path.endsWith('/access_tokens'))

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
    expect(await errorOf(store.list('stage-condor'))).toMatchObject({code: 'GITHUB_UNAUTHENTICATED'})
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
    const error = await errorOf(withApp(github, app).read('stage-condor'))
    expect(error).toMatchObject({
      code: 'GITHUB_UNAUTHENTICATED',
      message: expect.stringMatching(/App's id and private key: Integration must generate a public key/),
    })
  })

  test('with an id that GitHub does not know, or that is not installed here, is told so', async ({github}) => {
    const app = github.addApp({repositories: ['desk/other']})
    for (const each of [app, {...app, id: 4711}]) {
      expect(await errorOf(withApp(github, each).read('stage-condor'))).toMatchObject({
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
    const error = await errorOf(signedIn(github, {app}).read('stage-condor'))
    expect(error).toMatchObject({code: 'GITHUB_APP_INVALID', message: expect.not.stringMatching(/hunter2|BEGIN/)})
    expect(github.requests).toEqual([])
  })
})
