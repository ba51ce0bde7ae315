import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, describe, expect, vi} from 'vitest'
import {usingRegistry} from '../../../../src/platform/local-registry.ts'
import {openApi} from '../../../helpers/platform-api.ts'
import {test} from '../../../helpers/test.ts'

const use = (folder: string, name: string, rowsRead: number, rowsWritten: number) =>
  usingRegistry(join(folder, '.strat/platform.sqlite'), (registry) => registry.addUsage(name, {rowsRead, rowsWritten}))

afterEach(() => void vi.useRealTimers())

describe('usage', () => {
  test('of a database is what was counted and the size of its file, under both names', async ({folder}) => {
    const {call, directory} = openApi(folder)
    await call('POST databases', {name: 'stage-a'})
    await Promise.all(Array.from({length: 5}, () => use(folder, 'stage-a', 10, 2)))
    const expected = {rows_read: 50, rows_written: 10, storage_bytes: (await stat(join(directory, 'stage-a.db'))).size, bytes_synced: 0}
    const {uuid, total, usage, instances} = (await call('GET databases/stage-a/usage')).json.database
    expect({total, usage, ofInstances: instances.map((each: {usage: object}) => each.usage)}).toEqual({
      total: expected,
      usage: expected,
      ofInstances: [expected],
    })
    expect(uuid).toBe((await call('GET databases/stage-a')).json.database.DbId)
  })

  test('of the organization holds what deleted databases used', async ({folder}) => {
    const {call} = openApi(folder)
    for (const name of ['stage-a', 'stage-b']) await call('POST databases', {name})
    await use(folder, 'stage-a', 100, 10)
    await use(folder, 'stage-b', 5, 1)
    await call('DELETE databases/stage-a')
    await call('POST databases', {name: 'stage-a'})
    const {usage, databases} = (await call('GET usage')).json.organization
    expect(usage).toMatchObject({rows_read: 105, rows_written: 11, databases: 2, groups: 1, locations: 1})
    expect(databases.map(({total}: {total: {rows_read: number}}) => total.rows_read)).toEqual([0, 5])
  })

  test('is told by months', async ({folder}) => {
    const {call} = openApi(folder)
    await call('POST databases', {name: 'stage-a'})
    vi.useFakeTimers({toFake: ['Date'], now: new Date('2026-09-30T23:59:59Z')})
    await use(folder, 'stage-a', 1, 0)
    vi.setSystemTime(new Date('2026-10-01T00:00:00Z'))
    await use(folder, 'stage-a', 20, 0)
    const rowsRead = async (query: string) => (await call(`GET databases/stage-a/usage?${query}`)).json.database.total.rows_read
    expect(await rowsRead('')).toBe(20)
    expect(await rowsRead('from=2026-09-01T00:00:00Z')).toBe(21)
    expect(await rowsRead('from=2026-09-01T00:00:00Z&to=2026-09-30T00:00:00.000Z')).toBe(1)
  })

  test.for(['from=2023-12-12T00:00:00', 'to=yesterday', 'from=2026-13-01T00:00:00Z', 'from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z'])(
    'is not told for %s',
    async (query, {folder}) => {
      const {call} = openApi(folder)
      await call('POST databases', {name: 'stage-a'})
      const {status, json} = await call(`GET databases/stage-a/usage?${query}`)
      expect({status, json}).toEqual({status: 400, json: {error: expect.stringMatching(/^invalid (from|to) parameter/)}})
    },
  )

  test('by statements is empty, under both of its addresses', async ({folder}) => {
    const {call} = openApi(folder)
    await call('POST databases', {name: 'stage-a'})
    expect((await call('GET databases/stage-a/stats')).json).toEqual({top_queries: []})
    expect((await call('GET databases/stage-a/usage/queries?from=2026-01-01T00:00:00Z')).json).toEqual([])
  })
})
