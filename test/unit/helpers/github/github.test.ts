import {once} from 'node:events'
import {connect} from 'node:net'
import {describe, expect, test} from 'vitest'
import {refusals} from '../../../helpers/github/faults.ts'
import {usingGithub} from '../../../helpers/github/github.ts'
import {seal, send} from '../../../helpers/github/requesting.ts'
import {gapsBetweenWrites, mostAtOnce} from '../../../helpers/github/requests.ts'
import type {Github} from '../../../helpers/github/state.ts'

const repo = '/repos/desk/bots'
const environment = {environment: 'stage-condor'}
const secrets = `${repo}/environments/stage-condor/secrets`
const variables = `${repo}/environments/stage-condor/variables`

const on = (title: string, use: (github: Github) => Promise<void>) =>
  test(title, () =>
    usingGithub(async (github) => {
      github.addEnvironment('stage-condor')
      await use(github)
    }),
  )

describe('secrets of the stand-in for GitHub', () => {
  on('are opened with the key of their scope, 201 for a new one and 204 for another value', async (github) => {
    expect(await send(github, `PUT ${secrets}/TURSO_AUTH_TOKEN`, await seal(github, secrets, 'the first'))).toMatchObject({status: 201})
    expect(github.secretOf(environment, 'TURSO_AUTH_TOKEN')).toBe('the first')
    expect(await send(github, `PUT ${secrets}/turso_auth_token`, await seal(github, secrets, 'the second'))).toMatchObject({status: 204})
    expect(github.secretOf(environment, 'TURSO_AUTH_TOKEN')).toBe('the second')
    expect((await send(github, `GET ${secrets}`)).json).toMatchObject({total_count: 1, secrets: [{name: 'TURSO_AUTH_TOKEN'}]})
    expect(JSON.stringify(github.requests)).not.toContain('the second')
  })

  on("are of no use where they were sealed with another scope's key", async (github) => {
    const sealed = await seal(github, `${repo}/actions/secrets`, 'one')
    expect(await send(github, `PUT ${secrets}/TURSO_AUTH_TOKEN`, sealed)).toMatchObject({status: 201})
    expect(github.secretOf(environment, 'TURSO_AUTH_TOKEN')).toBeUndefined()
  })

  on('are refused where they were sealed with an old key', async (github) => {
    const sealed = await seal(github, secrets, 'one')
    github.changeKeys()
    expect(await send(github, `PUT ${secrets}/TURSO_AUTH_TOKEN`, sealed)).toMatchObject({status: 422})
    expect(await send(github, `PUT ${secrets}/TURSO_AUTH_TOKEN`, await seal(github, secrets, 'one'))).toMatchObject({status: 201})
  })

  on('have names that GitHub takes, at most 48 KB, and at most a hundred in a scope', async (github) => {
    const sealed = await seal(github, secrets, 'one')
    for (const name of ['1A', 'GITHUB_A', 'A-B', 'A%20B']) expect(await send(github, `PUT ${secrets}/${name}`, sealed)).toMatchObject({status: 422})
    expect(await send(github, `PUT ${secrets}/A`, await seal(github, secrets, 'x'.repeat(48 * 1024 + 1)))).toMatchObject({status: 422})
    for (let index = 0; index < 100; index++) github.setSecret(environment, `A_${index}`, 'one')
    expect(await send(github, `PUT ${secrets}/A`, sealed)).toMatchObject({status: 422})
    expect(await send(github, `PUT ${secrets}/A_7`, sealed)).toMatchObject({status: 204})
  })

  on('are listed in pages', async (github) => {
    for (let index = 0; index < 31; index++) github.setSecret(environment, `A_${index}`, 'one')
    const first = await send(github, `GET ${secrets}`)
    expect([first.json.total_count, first.json.secrets.length]).toEqual([31, 30])
    const next = /<(.*)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1]?.slice(github.url.length)
    const last = await send(github, `GET ${next}`)
    expect([last.json.secrets.length, last.headers.get('link')]).toEqual([1, null])
    expect((await send(github, `GET ${secrets}?per_page=31`)).headers.get('link')).toBeNull()
  })

  on('may be read as before the last write for a while', async (github) => {
    github.clockShiftMs = -60_000
    github.setSecret(environment, 'A', 'one')
    github.clockShiftMs = 0
    github.setSecret(environment, 'A', 'two')
    github.setSecret(environment, 'B', 'two')
    github.staleReads = 2
    expect((await send(github, `GET ${secrets}`)).json.secrets.map(({name}: {name: string}) => name)).toEqual(['A'])
    const stale = (await send(github, `GET ${secrets}/A`)).json
    const fresh = (await send(github, `GET ${secrets}/A`)).json
    expect(Date.parse(fresh.updated_at) - Date.parse(stale.updated_at)).toBeGreaterThan(50_000)
    expect((await send(github, `GET ${secrets}`)).json.total_count).toBe(2)
  })
})

describe('the stand-in for GitHub', () => {
  on('has variables that are new once, and changed where they are', async (github) => {
    expect(await send(github, `PATCH ${variables}/STRAT_TOKEN_META`, {value: 'one'})).toMatchObject({status: 404})
    expect(await send(github, `POST ${variables}`, {name: 'STRAT_TOKEN_META', value: 'one'})).toMatchObject({status: 201})
    expect(await send(github, `POST ${variables}`, {name: 'STRAT_TOKEN_META', value: 'two'})).toMatchObject({status: 409})
    expect(await send(github, `PATCH ${variables}/STRAT_TOKEN_META`, {value: 'two'})).toMatchObject({status: 204})
    expect((await send(github, `GET ${variables}/STRAT_TOKEN_META`)).json).toMatchObject({name: 'STRAT_TOKEN_META', value: 'two'})
    expect(await send(github, `DELETE ${variables}/STRAT_TOKEN_META`)).toMatchObject({status: 204})
    expect(await send(github, `GET ${variables}/STRAT_TOKEN_META`)).toMatchObject({status: 404})
  })

  on('makes an environment on request only, whatever its name', async (github) => {
    const path = `${repo}/environments/${encodeURIComponent('bots / 100% A')}`
    for (const line of [`GET ${path}`, `GET ${path}/secrets`, `GET ${path}/secrets/public-key`, `GET ${path}/variables/A`]) {
      expect(await send(github, line)).toMatchObject({status: 404, json: {message: 'Not Found'}})
    }
    expect(await send(github, `POST ${path}/variables`, {name: 'A', value: 'one'})).toMatchObject({status: 404})
    expect(await send(github, `PUT ${path}`)).toMatchObject({status: 200, json: {name: 'bots / 100% A'}})
    expect(await send(github, `PUT ${path}/secrets/A`, await seal(github, `${path}/secrets`, 'one'))).toMatchObject({status: 201})
    expect(github.secretOf({environment: 'bots / 100% a'}, 'A')).toBe('one')
  })

  on('takes no field, value or parameter that GitHub does not know, and none less than it needs', async (github) => {
    const sealed = await seal(github, secrets, 'one')
    const wrong: [string, unknown, string][] = [
      [`PUT ${secrets}/A`, {...sealed, value: 'one'}, '"value" is not a permitted key.'],
      [`PUT ${secrets}/A`, {encrypted_value: sealed.encrypted_value}, '"key_id" wasn\'t supplied.'],
      [`PUT ${secrets}/A`, {...sealed, encrypted_value: 'no base64!'}, 'must match pattern'],
      [`PUT ${secrets}/A`, undefined, 'must be object'],
      [`POST ${variables}`, {name: 'A', value: 1}, 'must be string'],
      [`PUT ${repo}/environments/stage-condor`, {name: 'A'}, '"name" is not a permitted key.'],
      [`GET ${secrets}?pages=2`, undefined, '"pages" is not a permitted key.'],
      [`GET ${repo}/actions/runs?status=running`, undefined, 'must be equal to one of'],
      [`DELETE ${secrets}/A`, {}, 'must be null'],
    ]
    for (const [line, body, message] of wrong) {
      expect(await send(github, line, body), line).toMatchObject({status: 422, json: {message: expect.stringContaining(message), status: '422'}})
    }
    expect(github.scope(environment).secrets.size).toBe(0)
  })

  on('loses a reply after the work, resets before it, and refuses in its words', async (github) => {
    github.faults.push({match: /^PUT/, fail: 'reset'}, {match: /^PUT/, fail: 'lose'}, {match: /^PUT/, skip: 1, fail: refusals.tooMany(7)})
    const sealed = await seal(github, secrets, 'one')
    await expect(send(github, `PUT ${secrets}/A`, sealed)).rejects.toThrow()
    expect(github.secretOf(environment, 'A')).toBeUndefined()
    await expect(send(github, `PUT ${secrets}/A`, sealed)).rejects.toThrow()
    expect(github.secretOf(environment, 'A')).toBe('one')
    expect(await send(github, `PUT ${secrets}/A`, sealed)).toMatchObject({status: 204})
    const refused = await send(github, `PUT ${secrets}/A`, sealed)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7'])
    expect(github.writes.map(({status}) => status)).toEqual([undefined, 201, 204, 429])
  })

  on('tells how far apart writes were, and how many requests came at once', async (github) => {
    const three = Promise.withResolvers<void>()
    github.watch = () => {
      if (github.requests.length === 3) three.resolve()
      return three.promise
    }
    await Promise.all([1, 2, 3].map(() => send(github, `GET ${secrets}`)))
    expect(mostAtOnce(github)).toBe(3)
    github.faults.push({match: /^PUT/, delayMs: 100})
    for (const _ of [1, 2]) await send(github, `PUT ${repo}/environments/stage-condor`)
    expect(gapsBetweenWrites(github)).toHaveLength(1)
    expect(gapsBetweenWrites(github)[0]).toBeGreaterThanOrEqual(99)
  })

  on('goes on when a caller dies in the middle of a request', async (github) => {
    const {hostname, port} = new URL(github.url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    socket.write(`PUT ${secrets}/A HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 100\r\n\r\n{`)
    socket.resetAndDestroy()
    await once(socket, 'close')
    expect(await send(github, `GET ${secrets}`)).toMatchObject({status: 200})
    expect(github.defects).toEqual([])
    expect(github.writes).toEqual([])
  })

  test('answers below a prefix, as GitHub Enterprise does', async () => {
    await usingGithub(
      async (github) => {
        expect(github.url).toMatch(/\/api\/v3$/)
        expect(await send(github, `GET ${repo}`)).toMatchObject({status: 200, json: {full_name: 'desk/bots'}})
        expect((await fetch(github.url.replace('v3', 'v4') + repo)).status).toBe(404)
      },
      {prefix: '/api/v3'},
    )
  })
})
