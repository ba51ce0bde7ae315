import {createPrivateKey} from 'node:crypto'
import {SignJWT} from 'jose'
import {describe, expect, test} from 'vitest'
import type {App} from '../../../helpers/github/app.ts'
import {usingGithub} from '../../../helpers/github/github.ts'
import {send} from '../../../helpers/github/requesting.ts'
import type {Github} from '../../../helpers/github/state.ts'

const secrets = '/repos/desk/bots/actions/secrets'
const on = (title: string, use: (github: Github) => Promise<void>) => test(title, () => usingGithub(use))

/** What an App signs with its key at an instant in seconds. */
function jwtOf({id, privateKey}: App, now = Date.now() / 1000, {iat = -30, exp = 540} = {}): Promise<string> {
  const claims = {iss: String(id), iat: Math.floor(now) + iat, exp: Math.floor(now) + exp}
  return new SignJWT(claims).setProtectedHeader({alg: 'RS256', typ: 'JWT'}).sign(createPrivateKey(privateKey))
}

describe('tokens of the stand-in for GitHub', () => {
  on('are known, or refused', async (github) => {
    expect(await send(github, `GET ${secrets}`, undefined, 'another')).toMatchObject({status: 401, json: {message: 'Bad credentials'}})
    expect((await fetch(github.url + secrets)).status).toBe(401)
    github.grants.delete(github.token)
    expect(await send(github, `GET ${secrets}`)).toMatchObject({status: 401})
  })

  on('need a permission, which GitHub names', async (github) => {
    const token = github.addToken({secrets: 'read'})
    expect(await send(github, `GET ${secrets}`, undefined, token)).toMatchObject({status: 200})
    const refused = await send(github, `PUT ${secrets}/A`, {}, token)
    expect(refused).toMatchObject({status: 403, json: {message: 'Resource not accessible by personal access token'}})
    expect(refused.headers.get('x-accepted-github-permissions')).toBe('secrets=write')
    expect(await send(github, 'GET /orgs/desk/actions/secrets', undefined, token)).toMatchObject({status: 403})
  })

  on("of a workflow reach the repository's runs, and neither secrets nor variables", async (github) => {
    github.addEnvironment('stage-condor')
    const token = github.workflowToken()
    expect(await send(github, 'GET /repos/desk/bots/actions/runs', undefined, token)).toMatchObject({status: 200})
    for (const [path, needed] of [
      [secrets, 'secrets=read'],
      ['/repos/desk/bots/actions/variables/A', 'variables=read'],
      ['/repos/desk/bots/environments/stage-condor/secrets/public-key', 'environments=read'],
    ]) {
      const refused = await send(github, `GET ${path}`, undefined, token)
      expect(refused).toMatchObject({status: 403, json: {message: 'Resource not accessible by integration'}})
      expect(refused.headers.get('x-accepted-github-permissions')).toBe(needed)
    }
  })

  on('see no repository that they were not given', async (github) => {
    github.addRepository('desk/hidden')
    const token = github.addToken({secrets: 'write', metadata: 'read'}, ['desk/bots'])
    expect(await send(github, 'GET /repos/desk/hidden', undefined, token)).toMatchObject({status: 404, json: {message: 'Not Found'}})
    expect(await send(github, 'GET /repos/Desk/Bots', undefined, token)).toMatchObject({status: 200})
    expect(await send(github, 'GET /repos/desk/missing', undefined, token)).toMatchObject({status: 404})
  })
})

describe('Apps of the stand-in for GitHub', () => {
  on('find their installation and get a token that expires', async (github) => {
    const app = github.addApp({permissions: {secrets: 'write', metadata: 'read'}, repositories: ['desk/bots']})
    const jwt = await jwtOf(app)
    expect(await send(github, 'GET /app', undefined, jwt)).toMatchObject({status: 200, json: {id: app.id}})
    const {id} = (await send(github, 'GET /repos/desk/bots/installation', undefined, jwt)).json
    const made = await send(github, `POST /app/installations/${id}/access_tokens`, {permissions: {secrets: 'read'}}, jwt)
    expect(made).toMatchObject({status: 201, json: {token: expect.stringMatching(/^ghs_\w{36}$/), permissions: {secrets: 'read'}}})
    expect(await send(github, `GET ${secrets}`, undefined, made.json.token)).toMatchObject({status: 200})
    expect(await send(github, `PUT ${secrets}/A`, {}, made.json.token)).toMatchObject({status: 403})
    github.clockShiftMs = github.installationTokenMs + 1000
    expect(await send(github, `GET ${secrets}`, undefined, made.json.token)).toMatchObject({status: 401})
  })

  on('get no more than their installation has', async (github) => {
    github.addRepository('desk/other')
    const app = github.addApp({permissions: {secrets: 'read'}, repositories: ['desk/bots']})
    const jwt = await jwtOf(app)
    const create = (body: object, id = app.installationId) => send(github, `POST /app/installations/${id}/access_tokens`, body, jwt)
    expect(await create({permissions: {secrets: 'write'}})).toMatchObject({status: 422})
    expect(await create({repositories: ['other']})).toMatchObject({status: 422})
    expect(await create({}, 1)).toMatchObject({status: 404})
    expect(await create({repositories: ['bots'], lifetime: 60})).toMatchObject({status: 422})
    expect(await send(github, 'GET /repos/desk/other/installation', undefined, jwt)).toMatchObject({status: 404})
  })

  on("are believed while their key is theirs and their clock is near GitHub's", async (github) => {
    const app = github.addApp()
    const now = Date.now() / 1000
    const told = async (jwt: string) => (await send(github, 'GET /app', undefined, jwt)).json.message
    expect(await told('another')).toBe('A JSON web token could not be decoded')
    expect(await told(await jwtOf({...app, privateKey: github.addApp().privateKey}))).toBe('A JSON web token could not be decoded')
    expect(await told(await jwtOf({...app, id: 1}))).toBe('Integration not found')
    expect(await told(await jwtOf(app, now, {exp: 700}))).toMatch(/'exp'.*too far in the future/)
    expect(await told(await jwtOf(app, now, {exp: -1}))).toMatch(/'exp'.*must be a numeric value representing the future/)
    expect(await told(await jwtOf(app, now, {iat: 60}))).toMatch(/'iat'.*must be an Integer/)
    github.clockShiftMs = -300_000
    expect(await told(await jwtOf(app))).toMatch(/'exp'.*too far in the future/)
    const {headers} = await send(github, 'GET /app', undefined, 'another')
    expect(await told(await jwtOf(app, Date.parse(headers.get('date') ?? '') / 1000))).toBeUndefined()
    app.publicKey = undefined
    expect(await told(await jwtOf(app))).toBe('Integration must generate a public key')
  })
})
