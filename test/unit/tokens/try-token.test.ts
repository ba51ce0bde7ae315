import {readdirSync, readFileSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {describe, expect, test} from 'vitest'
import type {Permission} from '../../../src/platform/platform.ts'
import {isAccepted, tryToken} from '../../../src/tokens/try-token.ts'
import {usingServer} from '../../helpers/server.ts'
import {runStrat} from '../../helpers/strat.ts'
import {unsignedToken} from '../../helpers/token.ts'

type Answer = {status: number; body: unknown}
const ok = {type: 'ok', response: {type: 'execute', result: {cols: [], rows: [], affected_row_count: 0, last_insert_rowid: null}}}
const sqlError = (code: string, message: string) => ({type: 'error', error: {code, message}})

/** Tries a token at a host that answers so, one answer after the other; what it was sent. */
async function tryAt(answers: Answer[], permissions = bots) {
  const sent: string[][] = []
  const server = createServer(async (request, response) => {
    const {requests} = JSON.parse((await request.setEncoding('utf8').toArray()).join(''))
    sent.push(requests.flatMap(({stmt}: {stmt?: {sql: string}}) => stmt?.sql ?? []))
    const {status, body} = answers[Math.min(sent.length, answers.length) - 1] ?? {status: 500, body: ''}
    response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const result = await tryToken({name: 'stage-condor', url, authToken}, permissions).catch((error) => error)
    return {result, sent}
  } finally {
    server.close()
  }
}

const authToken = unsignedToken()
const bots: Permission[] = [
  {tables: ['trade_logs'], actions: ['data_read', 'data_add']},
  {tables: ['active_positions'], actions: ['data_read', 'data_add', 'data_delete']},
]

describe('a new token', () => {
  test('is tried with a read, a write of no row, and a statement that it must not allow, in one request', async () => {
    const {result, sent} = await tryAt([{status: 200, body: {results: [ok, ok, sqlError('SQLITE_AUTH', 'not authorized'), ok]}}])
    expect({result, sent}).toEqual({
      result: 'enforced',
      sent: [['SELECT 1', 'DELETE FROM "active_positions" WHERE 0', 'DELETE FROM strat_meta WHERE 0']],
    })
  })

  test('is tried again without the forbidden statement where a server refuses the whole request for it', async () => {
    const {result, sent} = await tryAt([
      {status: 403, body: {error: 'Blocked'}},
      {status: 200, body: {results: [ok, ok, ok]}},
    ])
    expect({result, second: sent[1]}).toEqual({result: 'enforced', second: ['SELECT 1', 'DELETE FROM "active_positions" WHERE 0']})
  })

  test('that is refused all the same is not good', async () => {
    const {result} = await tryAt([{status: 403, body: {error: 'Blocked'}}])
    expect(result).toMatchObject({code: 'DATABASE_FORBIDDEN'})
  })

  test('of a server that lets everything pass is told to be unenforced', async () => {
    const {result} = await tryAt([{status: 200, body: {results: [ok, ok, ok, ok]}}])
    expect(result).toBe('unenforced')
  })

  test('of a server that fails for another reason is not told to be enforced', async () => {
    const {result} = await tryAt([{status: 200, body: {results: [ok, ok, sqlError('SQLITE_UNKNOWN', 'no such table: strat_meta'), ok]}}])
    expect(result).toBe('unenforced')
  })

  test('that allows everything has nothing that it must not allow', async () => {
    const all: Permission[] = [{tables: null, actions: ['data_read', 'data_add', 'data_update', 'data_delete', 'schema_add', 'schema_update', 'schema_delete']}]
    const {result, sent} = await tryAt([{status: 200, body: {results: [ok, ok, ok]}}], all)
    expect({result, sent}).toEqual({result: 'untried', sent: [['SELECT 1', 'DELETE FROM "trade_logs" WHERE 0']]})
  })

  test('that only reads has no write to be tried with', async () => {
    const {sent} = await tryAt([{status: 200, body: {results: [ok, sqlError('BLOCKED', 'blocked'), ok]}}], [{tables: ['trade_logs'], actions: ['data_read']}])
    expect(sent).toEqual([['SELECT 1', 'DELETE FROM strat_meta WHERE 0']])
  })

  test.each<[string, Answer[], string]>([
    ['is not known', [{status: 401, body: {error: 'Unauthorized'}}], 'DATABASE_TOKEN_REFUSED'],
    ['cannot be read', [{status: 400, body: {error: 'JWT error: InvalidToken'}}], 'DATABASE_TOKEN_REFUSED'],
    ["is another database's", [{status: 404, body: {error: "Namespace doesn't exist"}}], 'DATABASE_NOT_FOUND'],
    ['allows too little', [{status: 200, body: {results: [ok, sqlError('SQLITE_AUTH', 'not authorized'), ok, ok]}}], 'TOKEN_TOO_WEAK'],
    ['meets a table that is gone', [{status: 200, body: {results: [ok, sqlError('SQLITE_UNKNOWN', 'no such table'), ok, ok]}}], 'TOKEN_TOO_WEAK'],
    ['meets a database that takes no writes', [{status: 200, body: {results: [ok, sqlError('BLOCKED', 'writes are blocked'), ok, ok]}}], 'DATABASE_BLOCKED'],
    ['meets something else than a database', [{status: 200, body: {hello: 'world'}}], 'DATABASE_UNREACHABLE'],
  ])('that %s is not good', async (_, answers, code) => {
    const {result} = await tryAt(answers)
    expect(result).toMatchObject({code, message: expect.not.stringContaining(authToken)})
  })

  test('of each template is enforced by strat dev, as Turso Cloud and as the open-source server, and changes nothing', {timeout: 60_000}, async () => {
    const templates = readdirSync('templates/strategies').map((file) => ({
      name: file.replace('.json', ''),
      ...JSON.parse(readFileSync(`templates/strategies/${file}`, 'utf8')),
    }))
    expect(templates.length).toBeGreaterThan(3)
    for (const isCloud of [true, false]) {
      await usingServer(
        async ({url, directory, platform}) => {
          for (const {name: template, permissions} of templates) {
            const name = template === 'archive' ? 'archive' : `stage-${template}`
            await runStrat(['create', name, '--secrets', 'none', '--template', template], {env: {STRAT_DIRECTORY: directory}})
            const {jwt} = await platform.createDatabaseToken(name, {lifetimeSeconds: 600, permissions})
            const trial = {name, url: `${url}/dev/${name}`, authToken: jwt}
            expect(await tryToken(trial, permissions), template).toBe('enforced')
            const {jwt: full} = await platform.createDatabaseToken(name, {lifetimeSeconds: 600})
            expect(await tryToken({...trial, authToken: full}, permissions), template).toBe('unenforced')
            expect(await isAccepted(trial)).toBe(true)
            expect(await isAccepted({...trial, authToken: unsignedToken()})).toBe(false)
          }
        },
        {isCloud},
      )
    }
  })
})
