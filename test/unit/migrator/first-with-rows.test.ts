import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {firstWithRows} from '../../../src/migrator/first-with-rows.ts'
import {localPlatform} from '../../../src/platform/local.ts'
import {makeMarked} from '../../helpers/rehearsal.ts'
import {test} from '../../helpers/test.ts'
import {openTurso, testOnServer} from '../../helpers/turso-platform.ts'

const tables = ['CREATE TABLE t (x)', 'CREATE TABLE "a ""b""" (x)']
const names = ['t', 'a "b"']

describe('the first database that holds data', () => {
  test('has a row in any of the tables', async ({folder}) => {
    const platform = localPlatform({directory: join(folder, '.strat'), group: 'default'})
    const empty = await makeMarked(platform, 'stage-a', ...tables)
    const full = await makeMarked(platform, 'stage-b', ...tables, 'INSERT INTO "a ""b""" VALUES (1)')
    const fuller = await makeMarked(platform, 'stage-c', ...tables, 'INSERT INTO t VALUES (1)')
    expect(await firstWithRows(platform, [empty, full, fuller], names)).toEqual(full)
    expect(await firstWithRows(platform, [empty, fuller, full], names)).toEqual(fuller)
    expect(await firstWithRows(platform, [empty], names)).toBeUndefined()
    expect(await firstWithRows(platform, [full], [])).toBeUndefined()
  })

  test('is none that was destroyed meanwhile', async ({folder}) => {
    const platform = localPlatform({directory: join(folder, '.strat'), group: 'default'})
    const [gone, full] = [await makeMarked(platform, 'stage-a'), await makeMarked(platform, 'stage-b', ...tables, 'INSERT INTO t VALUES (1)')]
    await platform.deleteDatabase(gone)
    expect(await firstWithRows(platform, [gone, full], names)).toEqual(full)
  })

  testOnServer('is looked for in ten databases, with one request each', async (server) => {
    const platform = openTurso(server)
    const empty = await makeMarked(platform, 'stage-a', ...tables)
    const full = await makeMarked(platform, 'stage-b', ...tables, 'INSERT INTO t VALUES (1)')
    server.requests.length = 0
    expect(await firstWithRows(platform, [...Array(9).fill(empty), full], names)).toEqual(full)
    expect(server.requests).toHaveLength(10)
    expect(await firstWithRows(platform, [...Array(10).fill(empty), full], names)).toBeUndefined()
    expect(server.requests).toHaveLength(20)
  })
})
