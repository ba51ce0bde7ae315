import {describe, expect} from 'vitest'
import {openApi} from '../../../helpers/platform-api.ts'
import {test} from '../../../helpers/test.ts'

describe('the configuration of a database', () => {
  test('changes by what is given and keeps the rest, also for other processes', async ({folder}) => {
    const [one, other] = [openApi(folder), openApi(folder)]
    await one.call('POST databases', {name: 'stage-a', size_limit: '1gb'})
    const before = (await one.call('GET databases/stage-a/configuration')).json
    expect(before).toEqual({
      size_limit: '1000000000',
      allow_attach: false,
      block_reads: false,
      block_writes: false,
      delete_protection: false,
      allowed_ips: [],
      allowed_aws_vpc_ids: [],
    })
    const steps = [
      {block_writes: true},
      {block_reads: true},
      {allowed_ips: ['203.0.113.7', '10.0.0.0/8', '2001:db8::/32']},
      {allowed_aws_vpc_ids: ['vpce-0fe6c8807461bba49']},
      {size_limit: '256 MiB'},
      {allow_attach: true, delete_protection: null},
    ]
    for (const step of steps) await one.call('PATCH databases/stage-a/configuration', step)
    const after = {...before, block_writes: true, block_reads: true, ...steps[2], ...steps[3], size_limit: '268435456', allow_attach: true}
    expect((await other.call('GET databases/stage-a/configuration')).json).toEqual(after)
    expect((await other.call('GET databases/stage-a')).json.database).toMatchObject({block_reads: true, block_writes: true})
    const cleared = await other.call('PATCH databases/stage-a/configuration', {size_limit: '0', allowed_ips: [], block_reads: false})
    expect(cleared.json).toEqual({...after, size_limit: '0', allowed_ips: [], block_reads: false})
  })

  test.for([
    {block_reads: 'yes'},
    {delete_protection: 1},
    {allowed_ips: '10.0.0.0/8'},
    {allowed_ips: ['10.0.0.0/33']},
    {allowed_ips: ['::/129']},
    {allowed_ips: ['fe80::1%eth0']},
    {allowed_ips: [10]},
    {allowed_aws_vpc_ids: ['vpc-1']},
    {size_limit: 5},
    {size_limit: '5 apples'},
    {size_limit: '-1'},
    {size_limit: '999999999999tb'},
  ])('refuses %j and stays as it is', async (change, {folder}) => {
    const {call} = openApi(folder)
    await call('POST databases', {name: 'stage-a'})
    const before = (await call('GET databases/stage-a/configuration')).json
    const {status, json} = await call('PATCH databases/stage-a/configuration', {block_writes: true, ...change})
    expect({status, json}).toEqual({status: 400, json: {error: expect.stringMatching(/^invalid/)}})
    expect((await call('GET databases/stage-a/configuration')).json).toEqual(before)
  })

  test('has no size limit on Turso Cloud', async ({folder}) => {
    const {call} = openApi(folder, {isCloud: true})
    expect((await call('POST databases', {name: 'stage-a', size_limit: '1gb'})).status).toBe(400)
    await call('POST databases', {name: 'stage-a'})
    expect((await call('PATCH databases/stage-a/configuration', {size_limit: '1gb'})).json).toEqual({error: expect.stringContaining('size_limit')})
  })

  test('is not that of a database that is made again', async ({folder}) => {
    const {call} = openApi(folder)
    await call('POST databases', {name: 'stage-a'})
    await call('PATCH databases/stage-a/configuration', {block_writes: true})
    await call('DELETE databases/stage-a')
    await call('POST databases', {name: 'stage-a'})
    expect((await call('GET databases/stage-a/configuration')).json.block_writes).toBe(false)
  })
})

describe('the instances of a database', () => {
  test('are one a location of its group, with ids that stay', async ({folder}) => {
    const {call} = openApi(folder)
    await call('POST groups', {name: 'bots', location: 'aws-ap-south-1'})
    await call('POST databases', {name: 'stage-a', group: 'bots'})
    const [before] = (await call('GET databases/stage-a/instances')).json.instances
    await call('POST groups/bots/locations/aws-us-east-1')
    const {instances} = (await call('GET databases/stage-a/instances')).json
    expect(instances).toMatchObject([
      {uuid: before.uuid, name: 'aws-ap-south-1', type: 'primary', region: 'aws-ap-south-1', hostname: '127.0.0.1:8080/dev/stage-a'},
      {name: 'aws-us-east-1', type: 'replica'},
    ])
    expect((await call('GET databases/stage-a/instances/aws-us-east-1')).json.instance).toEqual(instances[1])
    expect((await call('GET databases/stage-a/instances/aws-us-west-2')).json).toEqual({error: 'instance not found'})
  })
})
