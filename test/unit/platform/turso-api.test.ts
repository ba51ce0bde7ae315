import {createServer} from 'node:net'
import {describe, expect, test} from 'vitest'
import {exitCodes} from '../../../src/errors.ts'
import {errorOf, openImpatientTurso, testOnServer} from '../../helpers/turso-platform.ts'
import {platformToken, usingTursoServer} from '../../helpers/turso-server.ts'

describe('what goes wrong', () => {
  const html = '<!doctype html><title>Sign in</title>'
  test.for<[title: string, fault: object, code: keyof typeof exitCodes, exit: number, message: RegExp]>([
    [
      'a token that is refused',
      {respond: {status: 401, body: {error: 'token is expired'}}},
      'TURSO_UNAUTHENTICATED',
      4,
      /accept the platform token: token is expired\.$/,
    ],
    ['a token that is refused with HTML', {respond: {status: 401, body: html}}, 'TURSO_UNAUTHENTICATED', 4, /\(HTTP 401\)/],
    ['a malformed token', {respond: {status: 400, body: {error: 'JWT error: InvalidToken'}}}, 'TURSO_UNAUTHENTICATED', 4, /InvalidToken/],
    ['a full plan', {respond: {status: 402, body: {error: 'upgrade your plan'}}}, 'TURSO_PLAN_LIMIT', 1, /upgrade your plan/],
    ['a token that may only read', {respond: {status: 403, body: {error: 'missing scope db:create'}}}, 'TURSO_FORBIDDEN', 1, /missing scope db:create/],
    ['a request that is refused', {respond: {status: 422, body: {error: 'name is not available'}}}, 'TURSO_REFUSED', 1, /name is not available/],
    ['HTML instead of JSON', {respond: {status: 200, body: html}}, 'TURSO_ANSWER_INVALID', 1, /not JSON \(HTTP 200\)/],
    ['HTML with HTTP 404', {respond: {status: 404, body: html}}, 'TURSO_ANSWER_INVALID', 1, /not JSON \(HTTP 404\)/],
    ['a redirection', {respond: {status: 302, headers: {location: 'http://127.0.0.1:1/'}}}, 'TURSO_ANSWER_INVALID', 1, /redirection \(HTTP 302\)/],
    ['an answer that is a list', {respond: {status: 200, body: []}}, 'TURSO_ANSWER_INVALID', 1, /without/],
    ['an outage', {respond: {status: 503, body: html}}, 'TURSO_UNAVAILABLE', 1, /HTTP 503/],
    ['a connection that is cut', {fail: 'reset'}, 'TURSO_UNAVAILABLE', 1, /connection was cut/],
    ['an API that never answers', {fail: 'hang'}, 'TURSO_UNAVAILABLE', 1, /did not answer within 0\.3 seconds/],
  ])('%s', ([, fault, code, exit, message]) =>
    usingTursoServer(async (server) => {
      server.faults.push({match: /databases/, times: 99, ...fault} as never)
      for (const call of [() => openImpatientTurso(server).createDatabase('stage-a'), () => openImpatientTurso(server).getDatabase('stage-a')]) {
        const error = await errorOf(call())
        expect(error).toMatchObject({code, message: expect.stringMatching(message)})
        expect({exit: exitCodes[error.code], suggestions: error.suggestions.length > 0 || code === 'TURSO_REFUSED'}).toEqual({exit, suggestions: true})
      }
      expect(server.databases.size).toBe(0)
    }),
  )

  testOnServer('a short outage is waited out by what only reads', async (server) => {
    await openImpatientTurso(server).createDatabase('stage-a')
    server.faults.push({match: /^GET/, fail: 'reset'}, {match: /^GET/, respond: {status: 502}})
    const patient = openImpatientTurso(server, {limits: {answerMs: 300, outageMs: 5000, rateLimitMs: 0}})
    expect(await patient.getDatabase('stage-a')).toMatchObject({name: 'stage-a'})
  })

  testOnServer('no token says how to get one, before anything is sent', async (server) => {
    await expect(openImpatientTurso(server, {apiToken: undefined}).listDatabases()).rejects.toMatchObject({
      code: 'TURSO_UNAUTHENTICATED',
      suggestions: [expect.stringContaining('strat login'), expect.stringContaining('TURSO_API_TOKEN')],
    })
    expect(server.requests).toEqual([])
  })

  test.for(['two words', 'line\nbreak', 'tökén', ' '])('the token %j is none, and is not repeated', (apiToken) =>
    usingTursoServer(async (server) => {
      const error = await errorOf(openImpatientTurso(server, {apiToken}).listDatabases())
      expect(error).toMatchObject({code: 'TURSO_UNAUTHENTICATED', message: expect.stringContaining('malformed')})
      expect(`${error.message} ${error.suggestions} ${error.cause}`).not.toContain(apiToken.trim() || 'malformed: "')
      expect(server.requests).toEqual([])
    }),
  )

  testOnServer('a token is not repeated where the API quotes it', async (server) => {
    const jwt = 'eyJhbGciOiJFZERTQSJ9.eyJhIjoicncifQ.c2ln'
    for (const quoted of [jwt, platformToken]) {
      server.faults.push({match: /databases/, respond: {status: 401, body: {error: `bad token ${quoted}`}}})
      expect((await errorOf(openImpatientTurso(server).listDatabases())).message).not.toContain(quoted)
    }
  })

  test.for(['http://api.turso.example', 'http://10.0.0.1:8080', 'http://127.0.0.1.example'])('the token is not sent over plain http to %s', async (url) => {
    await expect(openImpatientTurso({url}).listDatabases()).rejects.toMatchObject({code: 'TURSO_INSECURE'})
  })

  test('a connection that is refused', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const {port} = server.address() as {port: number}
    await new Promise((resolve) => server.close(resolve))
    const error = await errorOf(openImpatientTurso({url: `http://127.0.0.1:${port}`}).createDatabase('stage-a'))
    expect(error).toMatchObject({code: 'TURSO_UNAVAILABLE', message: expect.stringContaining('refused (ECONNREFUSED)')})
  })

  test('a name that does not resolve', async () => {
    // No label is that long, so nobody is asked for it.
    const error = await errorOf(openImpatientTurso({url: `https://${'a'.repeat(64)}.invalid`}).listDatabases())
    expect(error).toMatchObject({code: 'TURSO_UNAVAILABLE', message: expect.stringContaining('its name does not resolve')})
  })

  testOnServer('a server that does not speak TLS', async (server) => {
    const error = await errorOf(openImpatientTurso({url: server.url.replace('http', 'https')}).listDatabases())
    expect(error).toMatchObject({code: 'TURSO_UNAVAILABLE', message: expect.stringContaining('TLS')})
  })
})
