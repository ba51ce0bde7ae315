import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {describe, expect} from 'vitest'
import {localPlatform} from '../../../src/platform/local.ts'
import {openRegistry, usingRegistry} from '../../../src/platform/local-registry.ts'
import {execute, query} from '../../helpers/database.ts'
import {projectRoot} from '../../helpers/strat.ts'
import {test} from '../../helpers/test.ts'

const registryOf = (folder: string) => join(folder, '.strat/platform.sqlite')

/** A directory as the first version of strat made it, with one protected database. */
async function makeVersion1(folder: string): Promise<void> {
  await mkdir(join(folder, '.strat'), {mode: 0o700})
  await execute(
    registryOf(folder),
    'CREATE TABLE groups (name TEXT PRIMARY KEY, id TEXT NOT NULL, signing_key TEXT NOT NULL, created_at TEXT NOT NULL)',
    `CREATE TABLE databases (
      name TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, group_name TEXT NOT NULL REFERENCES groups (name),
      signing_key TEXT NOT NULL, delete_protection INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL)`,
    "INSERT INTO groups VALUES ('bots', 'id-of-group', 'key-of-group', '2026-01-01T00:00:00.000Z')",
    "INSERT INTO databases VALUES ('live-a', 'id-of-a', 'bots', 'key-of-a', 1, '2026-01-01T00:00:00.000Z')",
    'PRAGMA user_version = 1',
  )
  await execute(join(folder, '.strat/live-a.db'), 'CREATE TABLE t (x)')
}

describe('a registry of an older strat', () => {
  test('is brought up to date, with everything that is in it', async ({folder}) => {
    await makeVersion1(folder)
    const platform = localPlatform({directory: join(folder, '.strat'), group: 'default'})
    const [database] = await platform.listDatabases()
    expect(database).toMatchObject({name: 'live-a', id: 'id-of-a', group: 'bots'})
    await expect(platform.deleteDatabase({name: 'live-a', id: 'id-of-a'})).rejects.toMatchObject({code: 'DATABASE_DELETE_PROTECTED'})
    await usingRegistry(registryOf(folder), async (registry) => {
      expect(await registry.access('live-a')).toEqual({
        id: 'id-of-a',
        groupId: 'id-of-group',
        signingKey: 'key-of-a',
        groupSigningKey: 'key-of-group',
        blockReads: false,
        blockWrites: false,
        sizeLimit: null,
      })
      expect(await registry.groups.find('bots')).toMatchObject({primary: 'local', locations: ['local'], deleteProtection: false})
      expect((await registry.organization.read()).id).toMatch(/^[\da-f-]{36}$/)
    })
    expect(await query(registryOf(folder), 'PRAGMA user_version')).toEqual([{user_version: 2}])
  })

  test('has the same tables afterwards as a new one', async ({folder}) => {
    await makeVersion1(folder)
    await usingRegistry(registryOf(folder), async () => {})
    await usingRegistry(join(folder, 'new.sqlite'), async () => {})
    for (const table of ['groups', 'databases', 'usage', 'organization', 'members', 'invites', 'api_tokens', 'audit_logs']) {
      const columns = await query(join(folder, 'new.sqlite'), `PRAGMA table_xinfo(${table})`)
      expect(columns.length).toBeGreaterThan(2)
      expect(await query(registryOf(folder), `PRAGMA table_xinfo(${table})`)).toEqual(columns)
    }
  })

  test('is brought up to date once by those that find it old at the same instant', async ({folder}) => {
    await makeVersion1(folder)
    const registries = await Promise.all(Array.from({length: 4}, () => openRegistry(registryOf(folder))))
    const ids = await Promise.all(registries.map(async ({organization}) => (await organization.read()).id))
    expect(new Set(ids).size).toBe(1)
    for (const registry of registries) registry.close()
  })

  test.for([1, 0])('is brought up to date once by many processes at once, from version %i', async (version, {folder}) => {
    if (version === 1) await makeVersion1(folder)
    else await mkdir(join(folder, '.strat'))
    const module = pathToFileURL(join(projectRoot, 'src/platform/local-registry.ts')).href
    const script = `const {usingRegistry} = await import(${JSON.stringify(module)}); await usingRegistry(process.argv[1], async (registry) => { console.log((await registry.organization.read()).id) })`
    const ids = await Promise.all(Array.from({length: 4}, () => run(script, registryOf(folder))))
    expect(new Set(ids).size).toBe(1)
    expect(ids[0]).toMatch(/^[\da-f-]{36}\n$/)
  })
})

describe('the registry', () => {
  test('knows who may use a database, as it is this instant', async ({folder}) => {
    const platform = localPlatform({directory: join(folder, '.strat'), group: 'default'})
    const {database} = await platform.createDatabase('stage-a')
    const registry = await openRegistry(registryOf(folder))
    expect(await registry.access('stage-a')).toMatchObject({id: database.id, blockReads: false, blockWrites: false, sizeLimit: null})
    await usingRegistry(registryOf(folder), (other) => other.configure(database.id, {blockReads: true, blockWrites: true, sizeLimit: 5_000_000}))
    expect(await registry.access('stage-a')).toMatchObject({blockReads: true, blockWrites: true, sizeLimit: 5_000_000})
    await platform.deleteDatabase(database)
    expect(await registry.access('stage-a')).toBeUndefined()
    registry.close()
  })

  test('keeps the last 10,000 entries of the audit log', async ({folder}) => {
    await usingRegistry(join(folder, 'platform.sqlite'), async ({auditLog}) => {
      const entry = {code: 'db-create', message: '', origin: 'web', author: 'local', createdAt: '2026-01-01T00:00:00Z', data: {}} as const
      await auditLog.add({...entry, message: 'first'})
      await execute(join(folder, 'platform.sqlite'), 'UPDATE audit_logs SET id = 1', "UPDATE sqlite_sequence SET seq = 10000 WHERE name = 'audit_logs'")
      await auditLog.add({...entry, message: 'last'})
      expect(await auditLog.page(1, 100)).toMatchObject({total: 1, entries: [{message: 'last'}]})
    })
  })
})

/** What a process of its own writes to stdout. */
async function run(script: string, ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, ...args], {stdio: ['ignore', 'pipe', 'inherit']})
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  await once(child, 'close')
  return output
}
