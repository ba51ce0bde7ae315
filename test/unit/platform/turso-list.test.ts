import {describe, expect} from 'vitest'
import {openTurso, testOnServer} from '../../helpers/turso-platform.ts'

describe('the list of databases', () => {
  testOnServer('is read to its last page', async (server) => {
    const names = ['stage-e', 'stage-b', 'stage-d', 'stage-a', 'stage-c']
    for (const name of names) await openTurso(server).createDatabase(name)
    server.pageSize = 2
    server.requests.length = 0
    expect((await openTurso(server).listDatabases()).map(({name}) => name)).toEqual(names.toSorted())
    expect(server.requests.map((line) => line.replace(/.*\?/, ''))).toEqual(['limit=1000', 'limit=1000&cursor=2', 'limit=1000&cursor=4'])
  })

  testOnServer('that comes back to a page it had is an error, not for ever', async (server) => {
    const [first, second] = [1, 2].map((page) => ({databases: [], pagination: {next: `page-${page}`}}))
    server.faults.push(...[first, second, first].map((body) => ({match: /databases\?/, respond: {status: 200, body}})))
    await expect(openTurso(server).listDatabases()).rejects.toMatchObject({code: 'TURSO_ANSWER_INVALID', message: expect.stringContaining('comes back')})
  })

  testOnServer('of an organization that has none may be null', async (server) => {
    server.faults.push({match: /databases\?/, respond: {status: 200, body: {databases: null}}})
    expect(await openTurso(server).listDatabases()).toEqual([])
  })
})
