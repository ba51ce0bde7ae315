import {describe, expect, test} from 'vitest'
import {openTurso, testOnServer} from '../../helpers/turso-platform.ts'
import {usingTursoServer} from '../../helpers/turso-server.ts'

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
      const {created} = await openTurso(server).createDatabase('stage-a')
      const wasDone = 'fail' in fault && fault.fail === 'lose'
      expect(server.requests).toEqual(wasDone ? [post, get] : [post, get, post])
      expect({created, names: [...server.databases.keys()]}).toEqual({created: !wasDone, names: ['stage-a']})
    }),
  )

  testOnServer('gives up after three lost replies, having looked each time', async (server) => {
    server.faults.push({match: /^POST/, times: 9, respond: {status: 500}})
    await expect(openTurso(server).createDatabase('stage-a')).rejects.toMatchObject({code: 'TURSO_UNAVAILABLE'})
    expect(server.requests).toEqual([post, get, post, get, post, get])
  })

  test.for([400, 409])('takes HTTP %i for a database that exists', (status) =>
    usingTursoServer(async (server) => {
      const {database} = await openTurso(server).createDatabase('stage-a')
      server.faults.push({match: /^POST/, respond: {status, body: {error: 'database with same name already exists'}}})
      expect(await openTurso(server).createDatabase('stage-a')).toEqual({database, created: false})
    }),
  )

  testOnServer('finds one that is in another group', async (server) => {
    server.groups.push('asia')
    await openTurso(server, {group: 'asia'}).createDatabase('stage-a')
    expect(await openTurso(server).createDatabase('stage-a')).toMatchObject({database: {group: 'asia'}, created: false})
  })

  test.for([() => '1', () => new Date(Date.now() + 2000).toUTCString()])('waits as long as Retry-After says, number %#', (retryAfter) =>
    usingTursoServer(async (server) => {
      server.faults.push({match: /^POST/, respond: {status: 429, headers: {'retry-after': retryAfter()}, body: {error: 'slow down'}}})
      const start = performance.now()
      expect(await openTurso(server).createDatabase('stage-a')).toMatchObject({created: true})
      expect(performance.now() - start).toBeGreaterThan(900)
      expect(server.requests).toEqual([post, post])
    }),
  )

  testOnServer('does not wait an hour', async (server) => {
    server.faults.push({match: /^POST/, respond: {status: 429, headers: {'retry-after': '3600'}}})
    await expect(openTurso(server).createDatabase('stage-a')).rejects.toMatchObject({
      code: 'TURSO_RATE_LIMITED',
      suggestions: [expect.stringContaining('in 3600 seconds')],
    })
    expect(server.requests).toHaveLength(1)
  })
})

describe('deleting a database', () => {
  testOnServer('takes a lost reply for done when the database is gone', async (server) => {
    const {database} = await openTurso(server).createDatabase('stage-a')
    server.requests.length = 0
    server.faults.push({match: /^DELETE/, fail: 'lose'})
    await openTurso(server).deleteDatabase(database)
    expect(server.requests).toEqual([get, remove, get])
  })

  testOnServer('takes an empty answer for done', async (server) => {
    const {database} = await openTurso(server).createDatabase('stage-a')
    server.requests.length = 0
    server.faults.push({match: /^DELETE/, respond: {status: 200}})
    await openTurso(server).deleteDatabase(database)
    expect(server.requests).toEqual([get, remove])
  })

  testOnServer('asks again when it was not done', async (server) => {
    const {database} = await openTurso(server).createDatabase('stage-a')
    server.requests.length = 0
    server.faults.push({match: /^DELETE/, fail: 'reset'})
    await openTurso(server).deleteDatabase(database)
    expect(server.requests).toEqual([get, remove, get, remove])
    expect(server.databases.size).toBe(0)
  })

  testOnServer('leaves another one alone that took the name while the reply was lost', async (server) => {
    const {database} = await openTurso(server).createDatabase('stage-a')
    const old = server.databases.get('stage-a')
    const again = () => old && server.databases.set('stage-a', {...old, DbId: 'another'})
    server.faults.push({match: /^DELETE/, fail: 'lose', afterwards: again})
    await openTurso(server).deleteDatabase(database)
    expect(server.databases.get('stage-a')?.DbId).toBe('another')
  })
})
