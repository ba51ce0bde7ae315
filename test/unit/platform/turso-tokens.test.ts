import {describe, expect, test} from 'vitest'
import {errorOf, openImpatientTurso, testOnServer} from '../../helpers/turso-platform.ts'
import {type Fault, type TursoServer, usingTursoServer} from '../../helpers/turso-server.ts'

describe("strat's own token", () => {
  const tokenRequests = ({requests}: TursoServer) => requests.filter((line) => line.includes('auth/tokens'))

  testOnServer('is minted once for a group, however many databases are opened at once', async (server) => {
    const platform = openImpatientTurso(server)
    for (const name of ['stage-a', 'stage-b', 'stage-c']) await platform.createDatabase(name)
    const databases = await platform.listDatabases()
    const connections = await Promise.all([...databases, ...databases].map((database) => platform.connect(database)))
    expect(new Set(connections.map(({authToken}) => authToken)).size).toBe(1)
    expect(tokenRequests(server)).toEqual(['POST /v1/organizations/desk/groups/default/auth/tokens?expiration=1h&authorization=full-access'])
  })

  test.for([403, 404])("is the database's own where the group's is refused with HTTP %i", (status) =>
    usingTursoServer(async (server) => {
      const platform = openImpatientTurso(server)
      server.faults.push({match: /groups\/default\/auth/, times: 9, respond: {status, body: {error: 'no'}}})
      for (const name of ['stage-a', 'stage-b', 'stage-a']) await platform.connect((await platform.createDatabase(name)).database)
      expect(tokenRequests(server).map((line) => line.replace(/.*desk\/(.*)\/auth.*/, '$1'))).toEqual([
        'groups/default',
        'databases/stage-a',
        'databases/stage-b',
      ])
    }),
  )

  testOnServer('is replaced before it expires, once', async (server) => {
    const platform = openImpatientTurso(server)
    const {database} = await platform.createDatabase('stage-a')
    const {jwt} = await platform.createDatabaseToken('stage-a', {lifetimeSeconds: 300})
    server.faults.push({match: /groups\/default\/auth/, respond: {status: 200, body: {jwt}}})
    expect((await platform.connect(database)).authToken).toBe(jwt)
    server.requests.length = 0
    const [first, second] = await Promise.all([platform.connect(database), platform.connect(database)])
    expect(first?.authToken).not.toBe(jwt)
    expect(second?.authToken).toBe(first?.authToken)
    expect(tokenRequests(server)).toHaveLength(1)
  })

  testOnServer('is asked for again after a lost reply, and after a failed attempt', async (server) => {
    const platform = openImpatientTurso(server)
    const {database} = await platform.createDatabase('stage-a')
    server.faults.push({match: /auth\/tokens/, fail: 'lose'})
    expect(await platform.connect(database)).toMatchObject({authToken: expect.stringMatching(/^eyJ/)})
    const another = openImpatientTurso(server)
    server.faults.push({match: /auth\/tokens/, respond: {status: 401, body: {error: 'token was revoked'}}})
    await expect(another.connect(database)).rejects.toMatchObject({code: 'TURSO_UNAUTHENTICATED'})
    expect(await another.connect(database)).toMatchObject({authToken: expect.stringMatching(/^eyJ/)})
  })

  testOnServer('opens a database that may be new only after this process asked for it', async (server) => {
    const platform = openImpatientTurso(server)
    const {database} = await platform.createDatabase('stage-a')
    expect(await platform.connect(database)).toMatchObject({isNew: true})
    expect(await openImpatientTurso(server).connect(database)).not.toHaveProperty('isNew')
  })
})

describe('a database token', () => {
  testOnServer('that has expired already is none', async (server) => {
    await openImpatientTurso(server).createDatabase('stage-a')
    const part = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url')
    server.answers['/v1/organizations/desk/databases/stage-a/auth/tokens'] = {jwt: `${part({alg: 'EdDSA'})}.${part({exp: 1000})}.c2ln`}
    await expect(openImpatientTurso(server).createDatabaseToken('stage-a', {lifetimeSeconds: 60})).rejects.toMatchObject({code: 'TURSO_ANSWER_INVALID'})
  })

  test.for([
    [1, '1m'],
    [3600, '1h'],
    [5430, '1h31m'],
    [90 * 86_400, '12w6d'],
  ] as const)('for %i seconds is asked for as %s', ([lifetimeSeconds, expiration]) =>
    usingTursoServer(async (server) => {
      await openImpatientTurso(server).createDatabase('stage-a')
      await openImpatientTurso(server).createDatabaseToken('stage-a', {lifetimeSeconds})
      expect(server.requests.at(-1)).toContain(`expiration=${expiration}&`)
    }),
  )

  test.for([{}, {jwt: 'abc'}, {jwt: ''}, {jwt: 42}, {jwt: `eyJhbGciOiJFZERTQSJ9.${Buffer.from('{"a":"rw"}').toString('base64url')}.c2ln`}, null])(
    'is not taken from the answer %j',
    (body) =>
      usingTursoServer(async (server) => {
        await openImpatientTurso(server).createDatabase('stage-a')
        server.faults.push({match: /auth\/tokens/, respond: {status: 200, body}})
        const error = await errorOf(openImpatientTurso(server).createDatabaseToken('stage-a', {lifetimeSeconds: 60}))
        expect(error).toMatchObject({code: 'TURSO_ANSWER_INVALID', message: expect.not.stringContaining('eyJ')})
      }),
  )
})

describe('the invalidation of tokens', () => {
  const rotations = ({requests}: TursoServer) =>
    requests.filter((line) => line.includes('auth/rotate')).map((line) => line.replace(/.*desk\/(.*)\/auth.*/, '$1'))

  testOnServer("is the database's own, and makes strat mint its own token anew", async (server) => {
    const platform = openImpatientTurso(server)
    const {database} = await platform.createDatabase('stage-a')
    const {authToken} = await platform.connect(database)
    expect(await platform.invalidateTokens(database)).toBe('invalidated')
    expect(rotations(server)).toEqual(['databases/stage-a'])
    expect((await platform.connect(database)).authToken).not.toBe(authToken)
  })

  testOnServer("is the group's where Turso says that the database has none of its own", async (server) => {
    const platform = openImpatientTurso(server)
    const {database} = await platform.createDatabase('stage-a')
    server.faults.push({
      match: /databases\/stage-a\/auth\/rotate/,
      respond: {status: 400, body: {error: 'the tokens of a database in a group are those of its group'}},
    })
    expect(await platform.invalidateTokens(database)).toBe('invalidated')
    expect(rotations(server)).toEqual(['databases/stage-a', 'groups/default'])
  })

  testOnServer('says why it is refused, and asks nothing else', async (server) => {
    const platform = openImpatientTurso(server)
    const {database} = await platform.createDatabase('stage-a')
    server.faults.push({match: /auth\/rotate/, respond: {status: 403, body: {error: 'the API token lacks the scope db:rotate-creds'}}})
    expect(await errorOf(platform.invalidateTokens(database))).toMatchObject({code: 'TURSO_FORBIDDEN', message: expect.stringContaining('db:rotate-creds')})
    expect(rotations(server)).toEqual(['databases/stage-a'])
  })

  test.for<[string, Partial<Fault>]>([
    ['a reply that is lost', {fail: 'lose'}],
    ['a connection that is cut', {fail: 'reset'}],
    ['no reply', {fail: 'hang'}],
    ['HTTP 502', {respond: {status: 502}}],
    ['an answer that is not its own', {respond: {status: 200, body: '<p>Log in'}}],
  ])('is never asked for twice: after %s nobody knows of it', ([, fault]) =>
    usingTursoServer(async (server) => {
      const platform = openImpatientTurso(server)
      const {database} = await platform.createDatabase('stage-a')
      server.faults.push({match: /auth\/rotate/, ...fault})
      expect(await platform.invalidateTokens(database)).toBe('unknown')
      expect(rotations(server)).toEqual(['databases/stage-a'])
    }),
  )
})
