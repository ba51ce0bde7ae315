import {test as alone, describe, expect} from 'vitest'
import {counterIn, expectExact, makeCounter, migrateAll, undoAll} from '../../helpers/counting-fleet.ts'
import {openTurso, testOnServer as test} from '../../helpers/turso-platform.ts'
import {type TursoServer, usingTursoServer} from '../../helpers/turso-server.ts'

/** Takes a database away, as its owner may at any time. */
async function destroy(server: TursoServer, name: string): Promise<void> {
  const platform = openTurso(server)
  const database = await platform.getDatabase(name)
  if (database) await platform.deleteDatabase(database)
}

/** Executes a statement in a database, as somebody does in a shell. */
async function executeByHand(server: TursoServer, name: string, sql: string): Promise<void> {
  const body = {requests: [{type: 'execute', stmt: {sql}}, {type: 'close'}]}
  await server.databases.get(name)?.sql.answer(JSON.stringify(body))
}

test('Ctrl-C also cancels what waits for its turn because its migrations read', async (server) => {
  for (const name of ['stage-a', 'stage-b', 'stage-c']) await makeCounter(server, name, 1)
  const controller = new AbortController()
  const meanwhile = async () => {
    server.watch = () => controller.abort()
  }
  const {databases, interrupted} = await migrateAll(server, {signal: controller.signal, meanwhile})
  expect({interrupted, codes: databases.map((database) => ('code' in database ? database.code : database.status)).sort()}).toEqual({
    interrupted: true,
    codes: ['INTERRUPTED', 'INTERRUPTED', 'applied'],
  })
})

describe('a database that changes between the survey and the migration', () => {
  test('destroyed: it is skipped and says so, the others are migrated', async (server) => {
    await makeCounter(server, 'stage-a', 1)
    await makeCounter(server, 'stage-b', 1)
    const {databases} = await migrateAll(server, {meanwhile: () => destroy(server, 'stage-a')})
    expect(databases).toMatchObject([
      {name: 'stage-a', status: 'skipped', code: 'DATABASE_GONE'},
      {name: 'stage-b', status: 'applied'},
    ])
  })

  test('destroyed and made again: what there is now is read and migrated', async (server) => {
    await makeCounter(server, 'stage-a', 1)
    const meanwhile = async () => {
      await destroy(server, 'stage-a')
      await makeCounter(server, 'stage-a', 3, {createdAt: '2026-02-02T00:00:00.000Z'})
    }
    const {databases} = await migrateAll(server, {meanwhile})
    expect(databases).toMatchObject([{status: 'applied', migrations: ['0004_times_five', '0005_times_seven']}])
    expect(expectExact(server, 'stage-a', 'made again').x).toBe(210)
  })

  test('destroyed and made again as a copy of another strategy with the same schema: it is left alone', async (server) => {
    await makeCounter(server, 'stage-a', 1)
    const meanwhile = async () => {
      await destroy(server, 'stage-a')
      await makeCounter(server, 'stage-a', 1, {strategy: 'live-other'})
    }
    expect((await migrateAll(server, {meanwhile})).databases).toMatchObject([{status: 'failed', code: 'STRATEGY_NOT_OURS'}])
    expect(counterIn(server, 'stage-a')).toMatchObject({x: 1, ledger: ['0001_counter']})
  })

  test('destroyed and made again, but still empty: it is left alone, and the reason is not the migration', async (server) => {
    await makeCounter(server, 'stage-a', 1)
    const meanwhile = async () => {
      await destroy(server, 'stage-a')
      await openTurso(server).createDatabase('stage-a')
    }
    expect((await migrateAll(server, {meanwhile})).databases).toMatchObject([{status: 'failed', code: 'STRATEGY_INCOMPLETE'}])
    expect(server.databases.get('stage-a')?.sql.rows('SELECT name FROM sqlite_schema')).toEqual([])
  })

  test('made after the survey: the next run migrates it', async (server) => {
    await makeCounter(server, 'stage-a', 1)
    expect((await migrateAll(server, {meanwhile: () => makeCounter(server, 'stage-b', 1)})).databases).toHaveLength(1)
    expect((await migrateAll(server, {run: 'run-2'})).databases).toMatchObject([{status: 'current'}, {name: 'stage-b', status: 'applied'}])
  })

  alone.for(['CREATE TABLE mine (x)', 'ALTER TABLE counter ADD COLUMN mine', 'CREATE INDEX mine ON counter (x)', 'DROP TABLE counter'])(
    'changed by hand (%s): it is planned anew, and left alone',
    async (statement) => {
      await usingTursoServer(async (server) => {
        await makeCounter(server, 'stage-a', 1)
        const {databases} = await migrateAll(server, {meanwhile: () => executeByHand(server, 'stage-a', statement)})
        expect(databases).toMatchObject([{status: 'skipped', code: 'SCHEMA_DRIFTED'}])
        expect(server.databases.get('stage-a')?.sql.rows('SELECT name FROM kysely_migration')).toEqual([{name: '0001_counter'}])
      })
    },
  )
})

test('a host that starts anew in the middle of a migration that reads ends nothing but the transaction, which is begun again', async (server) => {
  await makeCounter(server, 'stage-a', 1)
  server.watch = (_, body) => {
    if (!body.includes('select \\"x\\" from')) return
    server.watch = () => undefined
    server.databases.get('stage-a')?.sql.expireStreams()
  }
  const {databases} = await migrateAll(server)
  expect(databases).toMatchObject([{status: 'applied', migrations: ['0002_double', '0003_triple', '0004_times_five', '0005_times_seven']}])
  expect(expectExact(server, 'stage-a', 'begun again').x).toBe(210)
})

describe('several runs over one database', () => {
  test('of four that undo a run which changed only data, one does', async (server) => {
    await makeCounter(server, 'stage-a', 1)
    await migrateAll(server, {run: 'run-1', count: 2})
    const results = await Promise.all([1, 2, 3, 4].map(() => undoAll(server, {run: 'run-1', count: 2})))
    expect(expectExact(server, 'stage-a', 'undone').x).toBe(1)
    expect(results.map(({databases: [database]}) => database?.status).sort()).toEqual(['applied', 'current', 'current', 'current'])
  })

  test('an undo leaves alone what was undone meanwhile and applied anew by another run', async (server) => {
    await makeCounter(server, 'stage-a', 1)
    await migrateAll(server, {run: 'run-1', count: 2})
    const meanwhile = async () => {
      await undoAll(server, {run: 'run-1', count: 2})
      await migrateAll(server, {run: 'run-2', count: 2})
    }
    expect((await undoAll(server, {run: 'run-1', count: 2, meanwhile})).databases).toMatchObject([{status: 'current'}])
    expect(expectExact(server, 'stage-a', 'applied anew')).toMatchObject({x: 2, runs: {'0002_double': 'run-2'}})
  })

  test('two jobs that share a run apply each migration once, and both tell of the run', async (server) => {
    await makeCounter(server, 'stage-a', 1)
    const results = await Promise.all([migrateAll(server), migrateAll(server)])
    expect(expectExact(server, 'stage-a', 'shared').x).toBe(210)
    const all = ['0002_double', '0003_triple', '0004_times_five', '0005_times_seven']
    for (const {databases} of results) expect(databases).toMatchObject([{status: 'applied', migrations: all}])
  })

  test('a run that lost a reply tells what it applied, also where a newer one went further meanwhile', async (server) => {
    await makeCounter(server, 'stage-a', 1)
    server.watch = (line, body) => {
      if (!line.includes('/dev/') || !body.includes('0002_double')) return
      server.watch = () => undefined
      server.faults.push({match: /pipeline/, fail: 'lose', afterwards: () => migrateAll(server, {run: 'newer'})})
    }
    expect((await migrateAll(server, {count: 2, run: 'older'})).databases).toMatchObject([{status: 'applied', migrations: ['0002_double']}])
    expect(expectExact(server, 'stage-a', 'both').x).toBe(210)
  })
})
