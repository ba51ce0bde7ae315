import {rm} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {execute} from '../../../helpers/database.ts'
import {openApi} from '../../../helpers/platform-api.ts'
import {test} from '../../../helpers/test.ts'

describe('a group', () => {
  test('is made once', async ({folder}) => {
    const {call} = openApi(folder)
    const answers = await Promise.all(Array.from({length: 8}, () => call('POST groups', {name: 'bots', location: 'aws-ap-south-1'})))
    expect(answers.map(({status}) => status).sort()).toEqual([200, ...Array(7).fill(409)])
    expect((await call('POST groups', {name: 'bots', location: 'local'})).json).toEqual({error: 'group already exists'})
    expect((await call('GET groups/bots')).json.group).toMatchObject({primary: 'aws-ap-south-1', locations: ['aws-ap-south-1']})
  })

  test.for([
    {name: 'bots'},
    {name: 'BOTS', location: 'local'},
    {name: '../bots', location: 'local'},
    {name: 'bots', location: 'amss'},
    {name: 'bots', location: '__proto__'},
    {name: 'bots', location: 'local', extensions: ['everything']},
    {name: ['bots'], location: 'local'},
  ])('is not made of %j', async (body, {folder}) => {
    const {call} = openApi(folder)
    const {status, json} = await call('POST groups', body)
    expect({status, json}).toEqual({status: 400, json: {error: expect.stringMatching(/^invalid/)}})
    expect((await call('GET groups')).json.groups).toHaveLength(1)
  })

  test('has locations, each once, of which the primary one stays', async ({folder}) => {
    const {call} = openApi(folder)
    await Promise.all(['aws-us-east-1', 'aws-us-east-2', 'aws-us-east-1'].map((location) => call(`POST groups/default/locations/${location}`)))
    expect((await call('GET groups/default')).json.group.locations.sort()).toEqual(['aws-us-east-1', 'aws-us-east-2', 'local'])
    expect((await call('DELETE groups/default/locations/aws-us-east-1')).json.group.locations.sort()).toEqual(['aws-us-east-2', 'local'])
    for (const location of ['aws-us-east-1', 'local', 'amss']) {
      const {status, json} = await call(`DELETE groups/default/locations/${location}`)
      expect({status, json}).toEqual({status: 400, json: {error: expect.stringContaining('invalid location')}})
    }
    expect((await call('POST groups/default/locations/amss')).json).toEqual({error: 'invalid location: amss'})
  })

  test('can be transferred to no organization but its own', async ({folder}) => {
    const {call} = openApi(folder)
    expect((await call('POST groups/default/transfer', {organization: 'other'})).json).toEqual({error: 'organization not found'})
    expect((await call('POST groups/default/transfer', {})).status).toBe(400)
    expect((await call('POST groups/default/transfer', {organization: 'local'})).json.name).toBe('default')
  })

  test.for([
    'GET groups/gone',
    'DELETE groups/gone',
    'GET groups/gone/configuration',
    'PATCH groups/gone/configuration',
    'POST groups/gone/unarchive',
    'POST groups/gone/update',
    'POST groups/gone/transfer',
    'POST groups/gone/locations/local',
    'DELETE groups/gone/locations/local',
    'POST groups/gone/auth/tokens',
    'POST groups/gone/auth/rotate',
    'GET groups/..%2fdefault',
    'GET groups/__proto__',
  ])('that is not there is not found by %s', async (operation, {folder}) => {
    const {status, json} = await openApi(folder).call(operation)
    expect({status, json}).toEqual({status: 404, json: {error: 'group not found'}})
  })
})

describe('deleting a group', () => {
  test('deletes its databases and those that came by hand, and no other', async ({folder}) => {
    const {call, directory} = openApi(folder)
    await call('POST groups', {name: 'bots', location: 'local'})
    await call('POST databases', {name: 'stage-a', group: 'default'})
    await call('POST databases', {name: 'stage-b', group: 'bots'})
    await execute(join(directory, 'by-hand.db'), 'CREATE TABLE t (x)')
    expect((await call('DELETE groups/default')).json.group.name).toBe('default')
    expect((await call('GET databases')).json.databases).toMatchObject([{Name: 'stage-b'}])
    expect((await call('GET groups')).json.groups).toMatchObject([{name: 'bots'}])
  })

  test('is refused while it, or one of its databases, is protected, and nothing is deleted', async ({folder}) => {
    const {call} = openApi(folder)
    for (const name of ['a', 'b', 'c']) await call('POST databases', {name})
    for (const [path, name] of [
      ['groups/default/configuration', 'default'],
      ['databases/c/configuration', 'c'],
    ]) {
      await call(`PATCH ${path}`, {delete_protection: true})
      const {status, json} = await call('DELETE groups/default')
      expect({status, json}).toEqual({status: 403, json: {error: `${name} is delete-protected and cannot be deleted`}})
      await call(`PATCH ${path}`, {delete_protection: false})
    }
    expect((await call('GET databases')).json.databases).toHaveLength(3)
  })

  test('is possible with what a crash has left', async ({folder}) => {
    const {call, directory} = openApi(folder)
    await call('POST databases', {name: 'stage-a'})
    await rm(join(directory, 'stage-a.db'))
    expect((await call('DELETE groups/default')).status).toBe(200)
    expect((await call('GET groups/default')).status).toBe(404)
  })

  test('takes the databases with it that are made meanwhile, or leaves a whole group', async ({folder}) => {
    const {call} = openApi(folder)
    await call('POST groups', {name: 'bots', location: 'local'})
    const operations = ['DELETE groups/bots', ...Array.from({length: 8}, (_, index) => `POST databases ${index}`), 'DELETE groups/bots']
    const answers = await Promise.all(
      operations.map((operation) =>
        operation.startsWith('DELETE') ? call(operation) : call('POST databases', {name: `stage-${operation.split(' ')[2]}`, group: 'bots'}),
      ),
    )
    expect(answers.filter(({status}) => ![200, 400, 404, 409].includes(status))).toEqual([])
    const groups = new Set((await call('GET groups')).json.groups.map(({name}: {name: string}) => name))
    for (const {group} of (await call('GET databases')).json.databases) expect(groups).toContain(group)
  })
})
