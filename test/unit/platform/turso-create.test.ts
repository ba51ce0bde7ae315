import {describe, expect, test} from 'vitest'
import {valuesIn} from '../../helpers/rehearsal.ts'
import {openImpatientTurso, testOnServer} from '../../helpers/turso-platform.ts'
import {type TursoServer, usingTursoServer} from '../../helpers/turso-server.ts'

const post = 'POST /v1/organizations/desk/databases'
const get = 'GET /v1/organizations/desk/databases/stage-a'
const remove = 'DELETE /v1/organizations/desk/databases/stage-a'

describe('creating a database', () => {
  test.for([
    ['its reply is lost', {fail: 'lose'}],
    ['it is answered with HTTP 502', {respond: {status: 502, body: '<html>'}}],
    ['it is answered with HTML', {respond: {status: 200, body: '<html>'}}],
    ['it is answered with nothing', {respond: {status: 200}}],
    ['its answer lacks the database', {respond: {status: 200, body: {}}}],
    ['it is never answered', {fail: 'hang'}],
  ] as const)('looks before it asks a second time when %s', ([, fault]) =>
    usingTursoServer(async (server) => {
      server.faults.push({match: /^POST .*databases$/, ...fault})
      const {created} = await openImpatientTurso(server).createDatabase('stage-a')
      const wasDone = 'fail' in fault && fault.fail === 'lose'
      expect(server.requests).toEqual(wasDone ? [post, get] : [post, get, post])
      expect({created, names: [...server.databases.keys()]}).toEqual({created: !wasDone, names: ['stage-a']})
    }),
  )

  testOnServer('gives up after three lost replies, having looked each time', async (server) => {
    server.faults.push({match: /^POST/, times: 9, respond: {status: 500}})
    await expect(openImpatientTurso(server).createDatabase('stage-a')).rejects.toMatchObject({code: 'TURSO_UNAVAILABLE'})
    expect(server.requests).toEqual([post, get, post, get, post, get])
  })

  test.for([400, 409])('takes HTTP %i for a database that exists', (status) =>
    usingTursoServer(async (server) => {
      const {database} = await openImpatientTurso(server).createDatabase('stage-a')
      server.faults.push({match: /^POST/, respond: {status, body: {error: 'database with same name already exists'}}})
      expect(await openImpatientTurso(server).createDatabase('stage-a')).toEqual({database, created: false})
    }),
  )

  testOnServer('finds one that is in another group', async (server) => {
    server.groups.push('asia')
    await openImpatientTurso(server, {group: 'asia'}).createDatabase('stage-a')
    expect(await openImpatientTurso(server).createDatabase('stage-a')).toMatchObject({database: {group: 'asia'}, created: false})
  })

  test.for([() => '1', () => new Date(Date.now() + 2000).toUTCString()])('waits as long as Retry-After says, number %#', (retryAfter) =>
    usingTursoServer(async (server) => {
      server.faults.push({match: /^POST/, respond: {status: 429, headers: {'retry-after': retryAfter()}, body: {error: 'slow down'}}})
      const start = performance.now()
      expect(await openImpatientTurso(server).createDatabase('stage-a')).toMatchObject({created: true})
      expect(performance.now() - start).toBeGreaterThan(900)
      expect(server.requests).toEqual([post, post])
    }),
  )

  testOnServer('does not wait an hour', async (server) => {
    server.faults.push({match: /^POST/, respond: {status: 429, headers: {'retry-after': '3600'}}})
    await expect(openImpatientTurso(server).createDatabase('stage-a')).rejects.toMatchObject({
      code: 'TURSO_RATE_LIMITED',
      suggestions: [expect.stringContaining('in 3600 seconds')],
    })
    expect(server.requests).toHaveLength(1)
  })
})

describe('copying a database', () => {
  const copied = 'GET /v1/organizations/desk/databases/a-copy'
  const source = (server: TursoServer) => openImpatientTurso(server).createDatabase('stage-a')

  testOnServer('says which one in both spellings that Turso knows, and in whose group', async (server) => {
    server.groups.push('asia')
    const {database} = await openImpatientTurso(server, {group: 'asia'}).createDatabase('stage-a')
    const bodies: string[] = []
    server.watch = (line, body) => line === post && bodies.push(body)
    expect(await openImpatientTurso(server).forkDatabase(database, 'a-copy')).toMatchObject({group: 'asia'})
    expect(bodies.map((text) => JSON.parse(text))).toEqual([{name: 'a-copy', group: 'asia', seed: {type: 'database', name: 'stage-a', value: 'stage-a'}}])
  })

  test.for([
    ['its reply is lost', {fail: 'lose'}],
    ['it is answered with HTTP 502', {respond: {status: 502, body: '<html>'}}],
    ['it is answered with nothing', {respond: {status: 200}}],
    ['it is never answered', {fail: 'hang'}],
  ] as const)('looks before it asks a second time when %s', ([, fault]) =>
    usingTursoServer(async (server) => {
      const {database} = await source(server)
      server.requests.length = 0
      server.faults.push({match: /^POST .*databases$/, ...fault})
      const fork = await openImpatientTurso(server).forkDatabase(database, 'a-copy')
      const wasDone = 'fail' in fault && fault.fail === 'lose'
      expect(server.requests).toEqual(wasDone ? [get, post, copied] : [get, post, copied, post])
      expect([...server.databases.values()].map(({DbId}) => DbId)).toEqual([database.id, fork.id])
    }),
  )

  testOnServer('takes the one that turns up late for its copy', async (server) => {
    const {database} = await source(server)
    server.faults.push({match: /^POST .*databases$/, fail: 'lose'}, {match: /^GET .*a-copy$/, respond: {status: 404, body: {error: 'not found'}}})
    const fork = await openImpatientTurso(server).forkDatabase(database, 'a-copy')
    expect(server.databases.get('a-copy')?.DbId).toBe(fork.id)
  })

  testOnServer('gives up after three lost replies, having looked each time', async (server) => {
    const {database} = await source(server)
    server.requests.length = 0
    server.faults.push({match: /^POST/, times: 9, respond: {status: 500}})
    await expect(openImpatientTurso(server).forkDatabase(database, 'a-copy')).rejects.toMatchObject({code: 'TURSO_UNAVAILABLE'})
    expect(server.requests).toEqual([get, post, copied, post, copied, post, copied])
  })

  testOnServer('says that the source is gone also where it goes at the last moment, and hands on any other refusal', async (server) => {
    const {database} = await source(server)
    server.watch = (line) => line === post && server.databases.delete('stage-a')
    await expect(openImpatientTurso(server).forkDatabase(database, 'a-copy')).rejects.toMatchObject({code: 'DATABASE_NOT_FOUND'})
    server.watch = () => undefined
    const {database: again} = await source(server)
    server.faults.push({match: /^POST/, respond: {status: 402, body: {error: 'the plan is full'}}})
    await expect(openImpatientTurso(server).forkDatabase(again, 'a-copy')).rejects.toMatchObject({
      code: 'TURSO_PLAN_LIMIT',
      message: expect.stringContaining('the plan is full'),
    })
  })

  testOnServer('waits until the host of the copy knows it', async (server) => {
    const {database} = await source(server)
    const platform = openImpatientTurso(server)
    const fork = await platform.forkDatabase(database, 'a-copy')
    server.faults.push({match: /^POST \/dev\/a-copy/, times: 3, respond: {status: 404, body: {error: 'unknown'}}})
    expect(await valuesIn(platform, fork, 'SELECT 1')).toEqual([1])
  })
})

describe('deleting a database', () => {
  testOnServer('takes a lost reply for done when the database is gone', async (server) => {
    const {database} = await openImpatientTurso(server).createDatabase('stage-a')
    server.requests.length = 0
    server.faults.push({match: /^DELETE/, fail: 'lose'})
    await openImpatientTurso(server).deleteDatabase(database)
    expect(server.requests).toEqual([get, remove, get])
  })

  testOnServer('takes an empty answer for done', async (server) => {
    const {database} = await openImpatientTurso(server).createDatabase('stage-a')
    server.requests.length = 0
    server.faults.push({match: /^DELETE/, respond: {status: 200}})
    await openImpatientTurso(server).deleteDatabase(database)
    expect(server.requests).toEqual([get, remove])
  })

  testOnServer('asks again when it was not done', async (server) => {
    const {database} = await openImpatientTurso(server).createDatabase('stage-a')
    server.requests.length = 0
    server.faults.push({match: /^DELETE/, fail: 'reset'})
    await openImpatientTurso(server).deleteDatabase(database)
    expect(server.requests).toEqual([get, remove, get, remove])
    expect(server.databases.size).toBe(0)
  })

  testOnServer('leaves another one alone that took the name while the reply was lost', async (server) => {
    const {database} = await openImpatientTurso(server).createDatabase('stage-a')
    const old = server.databases.get('stage-a')
    const again = () => old && server.databases.set('stage-a', {...old, DbId: 'another'})
    server.faults.push({match: /^DELETE/, fail: 'lose', afterwards: again})
    await openImpatientTurso(server).deleteDatabase(database)
    expect(server.databases.get('stage-a')?.DbId).toBe('another')
  })
})
