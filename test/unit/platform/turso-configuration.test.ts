import {expect, test} from 'vitest'
import {tursoPlatform} from '../../../src/platform/turso.ts'
import {usingServer} from '../../helpers/server.ts'
import {openTurso, testOnServer} from '../../helpers/turso-platform.ts'

test('a database whose group is protected is known not to be deletable', () =>
  usingServer(async ({url, organization, apiToken}) => {
    const platform = tursoPlatform({apiUrl: url, apiToken, organization, group: 'default'})
    const {database} = await platform.createDatabase('live-condor')
    await platform.requireDeletable(database)
    const init = {method: 'PATCH', headers: {authorization: `Bearer ${apiToken}`}, body: '{"delete_protection":true}'}
    expect((await fetch(`${url}/v1/organizations/${organization}/groups/default/configuration`, init)).status).toBe(200)
    const isProtected = {code: 'DATABASE_DELETE_PROTECTED', suggestions: [expect.stringContaining('that of its group')]}
    await expect(platform.requireDeletable(database)).rejects.toMatchObject(isProtected)
    await expect(platform.deleteDatabase(database)).rejects.toMatchObject(isProtected)
  }))

testOnServer('where the group may not be looked at, only the deletion tells', async (server) => {
  const platform = openTurso(server)
  const {database} = await platform.createDatabase('live-condor')
  for (const status of [403, 404]) {
    server.faults.push({match: /groups\/default\/configuration/, respond: {status, body: {error: 'no'}}})
    await platform.requireDeletable(database)
  }
  expect(server.faults.map(({times}) => times)).toEqual([0, 0])
})
