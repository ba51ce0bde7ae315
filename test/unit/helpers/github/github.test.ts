import {describe, expect, test} from 'vitest'
import {refusals} from '../../../helpers/github/faults.ts'
import {usingGithub} from '../../../helpers/github/github.ts'
import {seal, send} from '../../../helpers/github/requesting.ts'
import type {Github} from '../../../helpers/github/state.ts'

const repo = '/repos/desk/bots'
const secrets = `${repo}/environments/stage-condor/secrets`
const variables = `${repo}/environments/stage-condor/variables`

const on = (title: string, use: (github: Github) => Promise<void>) =>
  test(title, () =>
    usingGithub(async (github) => {
      github.addEnvironment('stage-condor')
      await use(github)
    }),
  )

describe('the stand-in for GitHub', () => {
  on('opens what was sealed with the key of its scope, 201 for a new one and 204 for another value', async (github) => {
    expect(await send(github, `PUT ${secrets}/TURSO_AUTH_TOKEN`, await seal(github, secrets, 'one'))).toMatchObject({status: 201})
    expect(github.secretOf({environment: 'stage-condor'}, 'TURSO_AUTH_TOKEN')).toBe('one')
    expect(await send(github, `PUT ${secrets}/turso_auth_token`, await seal(github, secrets, 'two'))).toMatchObject({status: 204})
    expect(github.secretOf({environment: 'stage-condor'}, 'TURSO_AUTH_TOKEN')).toBe('two')
    expect((await send(github, `GET ${secrets}`)).json).toMatchObject({total_count: 1, secrets: [{name: 'TURSO_AUTH_TOKEN'}]})
    expect(JSON.stringify(github.requests)).not.toContain('two')
  })

  on("takes what was sealed with another scope's key, and no job can use it", async (github) => {
    const sealed = await seal(github, `${repo}/actions/secrets`, 'one')
    expect(await send(github, `PUT ${secrets}/TURSO_AUTH_TOKEN`, sealed)).toMatchObject({status: 201})
    expect(github.secretOf({environment: 'stage-condor'}, 'TURSO_AUTH_TOKEN')).toBeUndefined()
  })

  on('takes nothing that was sealed with an old key', async (github) => {
    const sealed = await seal(github, secrets, 'one')
    github.changeKeys()
    expect(await send(github, `PUT ${secrets}/TURSO_AUTH_TOKEN`, sealed)).toMatchObject({status: 422})
    expect(await send(github, `PUT ${secrets}/TURSO_AUTH_TOKEN`, await seal(github, secrets, 'one'))).toMatchObject({status: 201})
  })

  on('has variables that are new once, and changed where they are', async (github) => {
    expect(await send(github, `PATCH ${variables}/STRAT_TOKEN_META`, {value: 'one'})).toMatchObject({status: 404})
    expect(await send(github, `POST ${variables}`, {name: 'STRAT_TOKEN_META', value: 'one'})).toMatchObject({status: 201})
    expect(await send(github, `POST ${variables}`, {name: 'STRAT_TOKEN_META', value: 'two'})).toMatchObject({status: 409})
    expect(await send(github, `PATCH ${variables}/STRAT_TOKEN_META`, {value: 'two'})).toMatchObject({status: 204})
    expect((await send(github, `GET ${variables}/STRAT_TOKEN_META`)).json).toMatchObject({name: 'STRAT_TOKEN_META', value: 'two'})
    expect(await send(github, `DELETE ${variables}/STRAT_TOKEN_META`)).toMatchObject({status: 204})
    expect(await send(github, `GET ${variables}/STRAT_TOKEN_META`)).toMatchObject({status: 404})
  })

  on('loses a reply after the work, and resets before it', async (github) => {
    github.faults.push({match: /^PUT/, fail: 'reset'}, {match: /^PUT/, fail: 'lose'})
    const sealed = await seal(github, secrets, 'one')
    await expect(send(github, `PUT ${secrets}/A`, sealed)).rejects.toThrow()
    expect(github.secretOf({environment: 'stage-condor'}, 'A')).toBeUndefined()
    await expect(send(github, `PUT ${secrets}/A`, sealed)).rejects.toThrow()
    expect(github.secretOf({environment: 'stage-condor'}, 'A')).toBe('one')
    github.faults.push({match: /^PUT/, fail: refusals.tooMany(7)})
    const refused = await send(github, `PUT ${secrets}/A`, sealed)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7'])
    expect(github.writes.map(({status}) => status)).toEqual([undefined, 201, 429])
  })
})
