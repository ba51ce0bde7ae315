import {generateKeyPairSync} from 'node:crypto'
import {decodeJwt, decodeProtectedHeader} from 'jose'
import {describe, expect, test} from 'vitest'
import {usingDatabase} from '../../src/database/connect.ts'
import type {Platform, PlatformDatabase} from '../../src/platform/platform.ts'

/** Lends an empty platform. `again` is the same one as another process sees it. */
export type UsingPlatform = (use: (platform: Platform, again: Platform) => Promise<void>) => Promise<void>

/** What every platform promises: one suite over each adapter. */
export function describePlatform(name: string, usingPlatform: UsingPlatform): void {
  const on = (title: string, use: Parameters<UsingPlatform>[0]) => test(title, () => usingPlatform(use))

  describe(`the ${name} platform`, () => {
    on('has no database at first', async (platform) => {
      expect(await platform.listDatabases()).toEqual([])
      expect(await platform.getDatabase('stage-condor')).toBeUndefined()
    })

    on('creates a database once, and finds it from another process', async (platform, again) => {
      const {database, created} = await platform.createDatabase('stage-condor')
      expect(created).toBe(true)
      expect(database).toMatchObject({name: 'stage-condor', group: 'default', id: expect.stringMatching(/./), url: expect.stringMatching(/^(file|https?):/)})
      expect(await again.createDatabase('stage-condor')).toEqual({database, created: false})
      expect(await again.getDatabase('stage-condor')).toEqual(database)
      expect(await again.listDatabases()).toEqual([database])
    })

    on('lists databases in order of name', async (platform) => {
      for (const name of ['stage-b', 'live-c', 'stage-a']) await platform.createDatabase(name)
      expect((await platform.listDatabases()).map((database) => database.name)).toEqual(['live-c', 'stage-a', 'stage-b'])
    })

    on('lets exactly one of many calls at once create', async (platform, again) => {
      const results = await Promise.all(Array.from({length: 8}, (_, index) => (index % 2 ? platform : again).createDatabase('stage-condor')))
      expect(results.filter(({created}) => created)).toHaveLength(1)
      expect(new Set(results.map(({database}) => database.id)).size).toBe(1)
    })

    on('gives another id to a database that is made again', async (platform) => {
      const first = await platform.createDatabase('stage-condor')
      await platform.deleteDatabase(first.database)
      expect(await platform.getDatabase('stage-condor')).toBeUndefined()
      const second = await platform.createDatabase('stage-condor')
      expect(second.created).toBe(true)
      expect(second.database.id).not.toBe(first.database.id)
    })

    on('takes the deletion of what is gone for success', async (platform) => {
      const {database} = await platform.createDatabase('stage-condor')
      await platform.deleteDatabase(database)
      await expect(platform.deleteDatabase(database)).resolves.toBeUndefined()
    })

    on('does not delete another database that has the name by now', async (platform, again) => {
      const {database: old} = await platform.createDatabase('stage-condor')
      await again.deleteDatabase(old)
      const {database} = await again.createDatabase('stage-condor')
      await platform.deleteDatabase(old)
      expect(await platform.getDatabase('stage-condor')).toEqual(database)
    })

    on('lets many deletions at once all succeed', async (platform, again) => {
      const {database} = await platform.createDatabase('stage-condor')
      await Promise.all([platform.deleteDatabase(database), again.deleteDatabase(database), platform.deleteDatabase(database)])
      expect(await again.listDatabases()).toEqual([])
    })

    on('deletes no protected database', async (platform, again) => {
      const {database} = await platform.createDatabase('live-condor')
      await again.requireDeletable(database)
      await platform.configureDatabase('live-condor', {deleteProtection: true})
      await expect(again.requireDeletable(database)).rejects.toMatchObject({code: 'DATABASE_DELETE_PROTECTED'})
      await expect(again.deleteDatabase(database)).rejects.toMatchObject({code: 'DATABASE_DELETE_PROTECTED'})
      expect(await platform.getDatabase('live-condor')).toBeDefined()
      await platform.configureDatabase('live-condor', {deleteProtection: false})
      await again.deleteDatabase(database)
      expect(await platform.listDatabases()).toEqual([])
    })

    on('blocks writes and lets them again, and leaves the rest of the configuration as it is', async (platform, again) => {
      await platform.createDatabase('stage-condor')
      expect(await platform.readConfiguration('stage-condor')).toEqual({deleteProtection: false, blockWrites: false})
      await platform.configureDatabase('stage-condor', {deleteProtection: true})
      await platform.configureDatabase('stage-condor', {blockWrites: true})
      expect(await again.readConfiguration('stage-condor')).toEqual({deleteProtection: true, blockWrites: true})
      await again.configureDatabase('stage-condor', {blockWrites: false})
      expect(await platform.readConfiguration('stage-condor')).toEqual({deleteProtection: true, blockWrites: false})
    })

    on('opens its databases also after it invalidated their tokens', async (platform) => {
      const {database} = await platform.createDatabase('stage-condor')
      await writeTo(platform, database, 'CREATE TABLE t (x)')
      expect(await platform.invalidateTokens(database)).toBe('invalidated')
      expect(await countIn(platform, database)).toBe(0)
    })

    on('mints a token for one database, with an expiry and its permissions', async (platform) => {
      const {database} = await platform.createDatabase('stage-condor')
      const before = Math.floor(Date.now() / 1000)
      const {jwt, expiresAt} = await platform.createDatabaseToken('stage-condor', {
        lifetimeSeconds: 3600,
        permissions: [{tables: ['trade_logs'], actions: ['data_read', 'data_add']}],
      })
      const claims = decodeJwt(jwt)
      expect(decodeProtectedHeader(jwt)).toMatchObject({alg: 'EdDSA'})
      expect(claims).toMatchObject({id: database.id, perm: [{t: ['trade_logs'], a: ['data_read', 'data_add']}]})
      expect(claims.exp).toBeGreaterThanOrEqual(before + 3600)
      expect(claims.exp).toBeLessThan(before + 3660)
      expect(expiresAt.getTime()).toBe((claims.exp ?? 0) * 1000)
    })

    on('copies a database as it is, once', async (platform, again) => {
      const {database: source} = await platform.createDatabase('live-condor')
      await writeTo(platform, source, 'CREATE TABLE t (x)', "INSERT INTO t VALUES ('a'), ('b')")
      const fork = await platform.forkDatabase(source, 'a-copy')
      expect(fork).toMatchObject({name: 'a-copy', group: source.group, url: expect.stringMatching(/^(file|https?):/)})
      expect(fork.id).not.toBe(source.id)
      expect(await again.getDatabase('a-copy')).toEqual(fork)
      await writeTo(platform, fork, "DELETE FROM t WHERE x = 'a'")
      expect([await countIn(again, fork), await countIn(again, source)]).toEqual([1, 2])
      await platform.deleteDatabase(fork)
      expect(await again.listDatabases()).toEqual([source])
    })

    on('copies to no name that is taken, and leaves who has it as it is', async (platform, again) => {
      const {database: source} = await platform.createDatabase('live-condor')
      await writeTo(platform, source, 'CREATE TABLE t (x)')
      const {database: other} = await again.createDatabase('stage-condor')
      await writeTo(platform, other, 'CREATE TABLE t (x)', 'INSERT INTO t VALUES (1)')
      await expect(platform.forkDatabase(source, 'stage-condor')).rejects.toMatchObject({
        code: 'DATABASE_NAME_TAKEN',
        message: expect.stringContaining('stage-condor'),
      })
      expect(await platform.getDatabase('stage-condor')).toEqual(other)
      expect(await countIn(platform, other)).toBe(1)
    })

    on('copies nothing that is gone, nor another one that has its name', async (platform, again) => {
      const {database: source} = await platform.createDatabase('live-condor')
      await again.deleteDatabase(source)
      const missing = {code: 'DATABASE_NOT_FOUND', message: expect.stringContaining('live-condor')}
      await expect(platform.forkDatabase(source, 'a-copy')).rejects.toMatchObject(missing)
      const {database: another} = await again.createDatabase('live-condor')
      await expect(platform.forkDatabase(source, 'a-copy')).rejects.toMatchObject(missing)
      expect(await platform.listDatabases()).toEqual([another])
    })

    on('tells what this month has cost, in all and per database', async (platform) => {
      expect(await platform.readUsage()).toMatchObject({databases: {used: 0}, perDatabase: []})
      for (const name of ['stage-b', 'stage-a']) await platform.createDatabase(name)
      const usage = await platform.readUsage()
      expect(usage.plan).toMatch(/./)
      expect(usage.databases.used).toBe(2)
      expect(usage.perDatabase.map(({name}) => name).sort()).toEqual(['stage-a', 'stage-b'])
      for (const {used, quota} of [usage.databases, usage.storageBytes, usage.rowsRead, usage.rowsWritten]) {
        expect(used).toBeGreaterThanOrEqual(0)
        if (quota !== null) expect(quota).toBeGreaterThan(0)
      }
      for (const {rowsRead, rowsWritten, storageBytes} of usage.perDatabase) {
        for (const count of [rowsRead, rowsWritten, storageBytes]) expect(count).toBeGreaterThanOrEqual(0)
      }
    })

    on('lends what opens a database', async (platform) => {
      const {database} = await platform.createDatabase('stage-condor')
      expect(await platform.connect(database)).toMatchObject({name: 'stage-condor', url: database.url})
    })

    test.each(['', 'UPPER', 'under_score', '../outside', 'a/b', '.hidden', '-dash', 'x'.repeat(65), 'nul\0', 'a b'])(
      'refuses the name %j everywhere',
      async (bad) => {
        await usingPlatform(async (platform) => {
          const calls = [
            () => platform.forkDatabase({name: 'stage-condor', id: '1', group: 'default', url: ''}, bad),
            () => platform.forkDatabase({name: bad, id: '1', group: 'default', url: ''}, 'a-copy'),
            () => platform.getDatabase(bad),
            () => platform.createDatabase(bad),
            () => platform.deleteDatabase({name: bad, id: '1'}),
            () => platform.requireDeletable({name: bad, id: '1', group: ''}),
            () => platform.readConfiguration(bad),
            () => platform.configureDatabase(bad, {deleteProtection: true}),
            () => platform.invalidateTokens({name: bad, group: 'default'}),
            () => platform.createDatabaseToken(bad, {lifetimeSeconds: 60}),
          ]
          for (const call of calls) await expect((async () => call())()).rejects.toMatchObject({code: 'DATABASE_NAME_INVALID'})
          expect(await platform.listDatabases()).toEqual([])
        })
      },
    )

    on('names a database that does not exist', async (platform) => {
      const missing = {code: 'DATABASE_NOT_FOUND', message: expect.stringContaining('stage-gone')}
      await expect(platform.readConfiguration('stage-gone')).rejects.toMatchObject(missing)
      await expect(platform.configureDatabase('stage-gone', {deleteProtection: true})).rejects.toMatchObject(missing)
      await expect(platform.invalidateTokens({name: 'stage-gone', group: 'default'})).rejects.toMatchObject(missing)
      await expect(platform.createDatabaseToken('stage-gone', {lifetimeSeconds: 60})).rejects.toMatchObject(missing)
    })
  })
}

const writeTo = async (platform: Platform, database: PlatformDatabase, ...statements: string[]) =>
  usingDatabase(await platform.connect(database), (opened) => opened.migrate(statements.map((sql) => ({sql, args: []}))))

/** How many rows the table `t` of a database has. */
const countIn = async (platform: Platform, database: PlatformDatabase) =>
  usingDatabase(await platform.connect(database), async (opened) => {
    const [count] = await opened.read([{sql: 'SELECT count(*) AS n FROM t', args: []}])
    return count?.rows[0]?.['n']
  })

/** A key that signed nothing, for showing that signatures are looked at. */
export const strangerKey = () => generateKeyPairSync('ed25519').publicKey
