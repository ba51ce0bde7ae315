import {readdir, readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {Ajv} from 'ajv'
import addFormats from 'ajv-formats'
import {describe, expect} from 'vitest'
import {type Answer, type Call, openApi} from '../../../helpers/platform-api.ts'
import {projectRoot} from '../../../helpers/strat.ts'
import {test} from '../../../helpers/test.ts'

const fixtures = join(projectRoot, 'test', 'fixtures', 'turso-api')

/** Every documented operation, in an order in which each of them succeeds. */
const operations: [operation: string, path: string, body?: unknown][] = [
  ['GET /v1/locations', '/v1/locations'],
  ['GET /v1/user', '/v1/user'],
  ['GET /v1/organizations', '/v1/organizations'],
  ['GET /v1/organizations/local', '/v1/organizations/local'],
  ['PATCH /v1/organizations/local', '/v1/organizations/local', {overages: true, require_mfa: true}],
  ['GET /v1/organizations/local/plans', 'plans'],
  ['GET /v1/organizations/local/invoices', 'invoices?type=issued'],
  ['GET /v1/organizations/local/subscription', 'subscription'],
  ['POST /v1/organizations/local/groups', 'groups', {name: 'bots', location: 'aws-ap-south-1', extensions: ['vector']}],
  ['GET /v1/organizations/local/groups', 'groups'],
  ['GET /v1/organizations/local/groups/{group}', 'groups/bots'],
  ['GET /v1/organizations/local/groups/{group}/configuration', 'groups/bots/configuration'],
  ['PATCH /v1/organizations/local/groups/{group}/configuration', 'groups/bots/configuration', {delete_protection: false}],
  ['POST /v1/organizations/local/groups/{group}/transfer', 'groups/bots/transfer', {organization: 'local'}],
  ['POST /v1/organizations/local/groups/{group}/unarchive', 'groups/bots/unarchive'],
  ['POST /v1/organizations/local/groups/{group}/locations/{location}', 'groups/bots/locations/local'],
  ['POST /v1/organizations/local/databases', 'databases', {name: 'stage-condor', group: 'bots', size_limit: '256mb'}],
  ['POST /v1/organizations/local/databases', 'databases', {name: 'a-fork', group: 'bots', seed: {type: 'database', name: 'stage-condor'}}],
  ['GET /v1/organizations/local/databases', 'databases'],
  ['GET /v1/organizations/local/databases/{database}', 'databases/a-fork'],
  ['GET /v1/organizations/local/databases/{database}', 'databases/stage-condor'],
  ['GET /v1/organizations/local/databases/{database}/configuration', 'databases/stage-condor/configuration'],
  ['PATCH /v1/organizations/local/databases/{database}/configuration', 'databases/stage-condor/configuration', {allowed_ips: ['10.0.0.0/8', '::1']}],
  ['GET /v1/organizations/local/databases/{database}/instances', 'databases/stage-condor/instances'],
  ['GET /v1/organizations/local/databases/{database}/instances/{instance}', 'databases/stage-condor/instances/aws-ap-south-1'],
  ['POST /v1/organizations/local/databases/{database}/auth/tokens', 'databases/stage-condor/auth/tokens?expiration=2w1d30m'],
  ['POST /v1/organizations/local/databases/{database}/auth/rotate', 'databases/stage-condor/auth/rotate'],
  ['GET /v1/organizations/local/databases/{database}/usage', 'databases/stage-condor/usage'],
  ['GET /v1/organizations/local/databases/{database}/stats', 'databases/stage-condor/stats'],
  ['GET /v1/organizations/local/usage', 'usage'],
  ['DELETE /v1/organizations/local/groups/{group}/locations/{location}', 'groups/bots/locations/local'],
  ['POST /v1/organizations/local/groups/{group}/update', 'groups/bots/update'],
  ['POST /v1/organizations/local/groups/{group}/auth/tokens', 'groups/bots/auth/tokens?authorization=read-only'],
  ['POST /v1/organizations/local/groups/{group}/auth/rotate', 'groups/bots/auth/rotate'],
  ['POST /v1/organizations/local/members', 'members', {username: 'asha', role: 'admin'}],
  ['GET /v1/organizations/local/members', 'members'],
  ['GET /v1/organizations/local/members/{member}', 'members/asha'],
  ['PATCH /v1/organizations/local/members/{member}', 'members/asha', {role: 'viewer'}],
  ['DELETE /v1/organizations/local/members/{member}', 'members/asha'],
  ['POST /v2/organizations/local/invites', '/v2/organizations/local/invites', {email: 'asha@example.com'}],
  ['GET /v2/organizations/local/invites', '/v2/organizations/local/invites'],
  ['DELETE /v2/organizations/local/invites/{email}', '/v2/organizations/local/invites/asha@example.com'],
  ['GET /v1/auth/validate', '/v1/auth/validate'],
  ['POST /v1/auth/api-tokens/{token}', '/v1/auth/api-tokens/everything'],
  ['POST /v1/auth/api-tokens/{token}', '/v1/auth/api-tokens/ci', {organization: 'local', group: 'bots', scopes: ['read-only']}],
  ['GET /v1/auth/api-tokens', '/v1/auth/api-tokens'],
  ['GET /v1/organizations/local/api-tokens', 'api-tokens'],
  ['DELETE /v1/auth/api-tokens/{token}', '/v1/auth/api-tokens/everything'],
  ['DELETE /v1/organizations/local/databases/{database}', 'databases/a-fork'],
  ['DELETE /v1/organizations/local/groups/{group}', 'groups/bots'],
  ['GET /v1/organizations/local/audit-logs', 'audit-logs'],
]

describe('every operation of the Platform API', () => {
  test('answers with every field that is documented', async ({folder}) => {
    const {call} = openApi(folder)
    const check = await loadChecks()
    const called = new Set<string>()
    for (const [operation, path, body] of operations) {
      const answer = await call(`${operation.split(' ')[0]} ${path}`, body)
      expect({operation, status: answer.status, problems: check(operation, answer)}).toEqual({operation, status: 200, problems: []})
      called.add(operation)
    }
    const {id} = (await call('POST /v1/auth/api-tokens/other', {organization: 'local'})).json
    const revoking = 'DELETE /v1/organizations/local/api-tokens/{token}'
    expect(check(revoking, await call(`DELETE api-tokens/${id}`))).toEqual([])
    expect([...called, revoking].sort()).toEqual(check.operations.sort())
  })

  test('is refused without the right token, also where there is nothing', async ({folder}) => {
    const {call} = openApi(folder)
    const wrong = ['', 'Bearer', 'Bearer wrong', 'Basic the-token-of-the-test', 'Bearer the-token-of-the-test-', 'the-token-of-the-test']
    for (const authorization of wrong) {
      for (const path of ['/v1/user', '/v1/locations', 'databases', '/v1/nothing', '/v2/organizations/local/invites', '/v2/auth/api-tokens/x']) {
        const {status, json} = await call(`GET ${path}`, undefined, {authorization})
        expect({authorization, path, status, json}).toEqual({authorization, path, status: 401, json: {error: expect.stringContaining('Unauthorized')}})
      }
    }
    expect((await call('GET /v1/user', undefined, {authorization: 'bearer  the-token-of-the-test'})).status).toBe(200)
  })
})

describe('what is no operation', () => {
  test.for(['/v1', '/v1/nothing', '/v1/organizations/local/nothing', '/v1/organizations/local/databases/a/b', '/v2/organizations/local'])(
    '%s is not found, in JSON',
    async (path, {folder}) => {
      const {status, json} = await openApi(folder).call(`GET ${path}`)
      expect({status, json}).toEqual({status: 404, json: {error: 'not found'}})
    },
  )

  test('another organization is not found', async ({folder}) => {
    const {call} = openApi(folder)
    for (const path of [
      '/v1/organizations/other',
      '/v1/organizations/other/databases',
      '/v2/organizations/other/invites',
      '/v1/organizations/..%2flocal/usage',
    ]) {
      expect([path, (await call(`GET ${path}`)).json]).toEqual([path, {error: 'organization not found'}])
    }
  })

  test('a wrong method is not allowed, and the right ones are told', async ({folder}) => {
    const {status, json, headers} = await openApi(folder).call('PUT databases')
    expect({status, json, allow: headers.get('allow')}).toEqual({status: 405, json: {error: 'method not allowed'}, allow: 'GET, HEAD, POST'})
  })
})

describe('a body', () => {
  test.for(['{', 'x', '[]', '"text"', '1', 'null', '['.repeat(100_000)])('%j is refused', async (body, {folder}) => {
    const {status, json} = await openApi(folder).call('POST databases', body)
    expect({status, json}).toEqual({status: 400, json: {error: expect.stringContaining('invalid request body')}})
  })

  test('says which field is wrong, and not what was in it', async ({folder}) => {
    const {call} = openApi(folder)
    await call('POST databases', {name: 'stage-a'})
    const {status, json} = await call('PATCH databases/stage-a/configuration', {block_reads: 'a-secret'})
    expect({status, json}).toEqual({status: 400, json: {error: 'invalid request body: block_reads must be boolean'}})
    expect((await call('POST databases', {group: 'default'})).json).toEqual({error: 'invalid request body: name is missing'})
  })

  test('may have any content type, keys in any case, nulls and unknown keys', async ({folder}) => {
    const {call} = openApi(folder)
    const body = {Name: 'bots', LOCATION: 'local', Version: '', extensions: null, __proto__: {name: 'x'}, constructor: 1}
    expect((await call('POST groups', JSON.stringify(body), {'content-type': 'text/plain'})).json.group.name).toBe('bots')
  })

  test('is refused for a field that Turso does not know where the server is strict', async ({folder}) => {
    const {call} = openApi(folder, {isStrict: true})
    expect(await call('POST databases', {name: 'stage-a', group: 'default', colour: 'red'})).toMatchObject({
      status: 400,
      json: {error: 'invalid request body: unknown field colour'},
    })
    expect(await call('POST databases', {name: 'stage-a', group: 'default'})).toMatchObject({status: 200})
  })
})

test('the default group is there, also after the directory was taken away', async ({folder}) => {
  const {call, directory} = openApi(folder, {group: 'bots'})
  const names = async () => (await call('GET groups')).json.groups.map(({name}: {name: string}) => name)
  expect(await names()).toEqual(['bots'])
  await rm(directory, {recursive: true})
  expect(await names()).toEqual(['bots'])
  expect((await call('POST databases', {name: 'stage-a'})).status).toBe(200)
})

test('many requests at once do not get into each other’s way', async ({folder}) => {
  const {call} = openApi(folder)
  const answers = await Promise.all(Array.from({length: 30}, (_, index) => call('POST databases', {name: `stage-${index % 10}`})))
  expect(count(answers)).toEqual({200: 10, 400: 20})
  const deleted = await Promise.all(Array.from({length: 30}, (_, index) => call(`DELETE databases/stage-${index % 10}`)))
  expect(count(deleted)).toEqual({200: 10, 404: 20})
  expect((await call('GET databases')).json.databases).toEqual([])
})

const count = (answers: Answer[]) =>
  Object.fromEntries(Object.entries(Object.groupBy(answers, ({status}) => status)).map(([status, same]) => [status, same?.length]))

/** A check of an answer against the schema of its operation; each problem is a sentence. */
async function loadChecks() {
  const ajv = new Ajv({allErrors: true, strictTypes: false})
  addFormats.default(ajv)
  const names: string[] = []
  for (const file of await readdir(fixtures)) {
    const schemas = JSON.parse(await readFile(join(fixtures, file), 'utf8'))
    for (const [operation, schema] of Object.entries<object>(schemas.operations)) {
      ajv.addSchema({...schema, $defs: schemas.$defs}, operation)
      names.push(operation)
    }
  }
  const check = (operation: string, {text}: Awaited<ReturnType<Call>>): string[] => {
    ajv.validate(operation, text === '' ? '' : JSON.parse(text))
    return (ajv.errors ?? []).map(({instancePath, message}) => `${instancePath} ${message}`)
  }
  return Object.assign(check, {operations: names})
}
