import {describe, expect, test} from 'vitest'
import {openTurso, testOnServer} from '../../helpers/turso-platform.ts'
import {usingTursoServer} from '../../helpers/turso-server.ts'

describe("a database's host", () => {
  const answered = (Hostname: unknown) => ({database: {Name: 'stage-a', DbId: '1', Hostname, group: 'default'}})

  test.for([
    '',
    'evil.example:443@other.example',
    'a b',
    'host/../..',
    'host?x',
    'host#x',
    'http://host',
    '//host',
    '10.0.0.1:8080/dev/a',
    42,
    null,
    undefined,
  ])('that is %j is not trusted', (hostname) =>
    usingTursoServer(async (server) => {
      server.faults.push({match: /^GET/, respond: {status: 200, body: answered(hostname)}})
      await expect(openTurso(server).getDatabase('stage-a')).rejects.toMatchObject({code: 'TURSO_ANSWER_INVALID'})
    }),
  )

  testOnServer('below a path of this machine is reached over http', async (server) => {
    const {database} = await openTurso(server).createDatabase('stage-a')
    expect(database.url).toBe(`${server.url}/dev/stage-a`)
  })
})
