import {describe, expect, test} from 'vitest'
import {openTurso, testOnServer} from '../../helpers/turso-platform.ts'
import {usingTursoServer} from '../../helpers/turso-server.ts'

const post = 'POST /v1/organizations/desk/databases'

describe('organization and group', () => {
  testOnServer('the only organization of the token is taken where none is set', async (server) => {
    await openTurso(server, {organization: null}).createDatabase('stage-a')
    expect(server.requests).toEqual(['GET /v1/organizations', post])
  })

  testOnServer('the organizations may come as a bare list', async (server) => {
    server.answers['/v1/organizations'] = [{slug: 'desk', name: 'Desk'}]
    expect(await openTurso(server, {organization: null}).listDatabases()).toEqual([])
  })

  testOnServer('the only organization is asked for again after the question failed', async (server) => {
    const platform = openTurso(server, {organization: null})
    server.faults.push({match: /organizations$/, respond: {status: 401, body: {error: 'not yet'}}})
    await expect(platform.listDatabases()).rejects.toMatchObject({code: 'TURSO_UNAUTHENTICATED'})
    expect(await platform.listDatabases()).toEqual([])
  })

  testOnServer('one of several must be chosen', async (server) => {
    server.organizations.push('club')
    await expect(openTurso(server, {organization: null}).listDatabases()).rejects.toMatchObject({
      code: 'TURSO_ORGANIZATION_REQUIRED',
      suggestions: expect.arrayContaining(['--organization desk', '--organization club']),
    })
  })

  test.for(['dest', '../desk', '..', 'a b', 'eyJ/x'])('the organization %j does not exist, and the known ones are named', (organization) =>
    usingTursoServer(async (server) => {
      for (const call of [() => openTurso(server, {organization}).listDatabases(), () => openTurso(server, {organization}).createDatabase('stage-a')]) {
        await expect(call()).rejects.toMatchObject({code: 'TURSO_ORGANIZATION_NOT_FOUND', suggestions: ['--organization desk']})
      }
      await expect(openTurso(server, {organization}).getDatabase('stage-a')).rejects.toMatchObject({code: 'TURSO_ORGANIZATION_NOT_FOUND'})
    }),
  )

  testOnServer('an organization that the token is no member of is told from a token that may not', async (server) => {
    server.faults.push({match: /club/, respond: {status: 403, body: {error: 'forbidden'}}})
    await expect(openTurso(server, {organization: 'club'}).listDatabases()).rejects.toMatchObject({code: 'TURSO_ORGANIZATION_NOT_FOUND'})
  })

  test.for([400, 404])('a group that does not exist (HTTP %i) is named with the known ones', (status) =>
    usingTursoServer(async (server) => {
      server.faults.push({match: /^POST/, respond: {status, body: {error: 'group not found'}}})
      await expect(openTurso(server, {group: 'asia'}).createDatabase('stage-a')).rejects.toMatchObject({
        code: 'TURSO_GROUP_NOT_FOUND',
        message: expect.stringContaining('asia'),
        suggestions: ['--group default', expect.stringContaining('turso group create asia')],
      })
    }),
  )

  testOnServer('a token that may not create is told so, also in a group that does not exist', async (server) => {
    server.faults.push({match: /^POST/, respond: {status: 403, body: {error: 'missing scope db:create'}}})
    await expect(openTurso(server, {group: 'asia'}).createDatabase('stage-a')).rejects.toMatchObject({code: 'TURSO_FORBIDDEN'})
  })

  testOnServer('a token that may not list organizations keeps the first refusal', async (server) => {
    server.faults.push(
      {match: /databases/, respond: {status: 403, body: {error: 'missing scope'}}},
      {match: /organizations$/, respond: {status: 403, body: {}}},
    )
    await expect(openTurso(server).listDatabases()).rejects.toMatchObject({code: 'TURSO_FORBIDDEN', message: expect.stringContaining('missing scope')})
  })
})
