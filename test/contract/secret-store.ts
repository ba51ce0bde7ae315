import {createHash} from 'node:crypto'
import {describe, expect, test} from 'vitest'
import {decodeDatabaseToken} from '../../src/database-token.ts'
import {recordOf} from '../../src/delivery/mint.ts'
import type {BotSecrets, SecretStore} from '../../src/secrets/secret-store.ts'
import {unsignedToken} from '../helpers/token.ts'

/** Lends an empty store. `again` is the same one as another process sees it. */
export type UsingSecretStore = (use: (store: SecretStore, again: SecretStore) => Promise<void>) => Promise<void>

/** Addresses and tokens that no bot can use. */
export const unusable: [string, Record<string, string>][] = [
  ['no token', {TURSO_AUTH_TOKEN: ''}],
  ['a token with a line break', {TURSO_AUTH_TOKEN: `${unsignedToken()}\n`}],
  ['a token that is no JWT', {TURSO_AUTH_TOKEN: 'hunter2.hunter2.hunter2'}],
  ['a token that never expires', {TURSO_AUTH_TOKEN: unsignedToken({exp: undefined})}],
  ['no URL', {TURSO_DB_URL: ''}],
  ['a URL with a line break', {TURSO_DB_URL: 'https://host.test\nA=1'}],
  ['a URL that the store for bots refuses', {TURSO_DB_URL: 'libsql://host.test'}],
  ['a URL with a token in it', {TURSO_DB_URL: 'https://host.test/?authToken=hunter2'}],
  ['a URL that a shell would change', {TURSO_DB_URL: 'https://host.test/$(id)'}],
]

/** As every delivery goes: the secrets, then the record of them. */
async function deliver(store: SecretStore, strategy: string, secrets: BotSecrets): Promise<void> {
  await store.write(strategy, secrets)
  await store.record(strategy, await recordOf(secrets, {...described, databaseId: decodeDatabaseToken(secrets.TURSO_AUTH_TOKEN)?.databaseId ?? ''}))
}

const described = {template: 'condor', permissions: [{tables: ['trade_logs'], actions: ['data_read' as const, 'data_add' as const]}], runId: 'run-1'}

/** What every secret store promises: one suite over each adapter. */
export function describeSecretStore(name: string, usingStore: UsingSecretStore): void {
  const on = (title: string, use: Parameters<UsingSecretStore>[0]) => test(title, () => usingStore(use))
  const expiresAt = new Date('2030-01-01T00:00:00Z')
  const issuedAt = new Date('2029-10-01T00:00:00Z')
  const claims = {iat: issuedAt.getTime() / 1000, perm: [{t: ['trade_logs'], a: ['data_read', 'data_add']}]}
  const secrets = {TURSO_DB_URL: 'https://stage-condor-me.turso.test', TURSO_AUTH_TOKEN: unsignedToken({expiresAt: expiresAt.getTime(), ...claims})}

  describe(`the ${name} store`, () => {
    on('holds nothing at first', async (store) => {
      expect(await store.read('stage-condor')).toEqual({url: null, token: null, recordedAt: null, warnings: []})
      expect(await store.list('stage-condor')).toEqual([])
      expect(await store.remove('stage-condor')).toEqual([])
    })

    on('tells what was delivered, except the token, to another process too', async (store, again) => {
      await deliver(store, 'stage-condor', secrets)
      const told = await again.read('stage-condor')
      expect(told).toEqual({
        url: secrets.TURSO_DB_URL,
        token: {
          databaseId: 'database-1',
          url: secrets.TURSO_DB_URL,
          permissions: 'trade_logs:data_add,data_read',
          tokenSha256: createHash('sha256').update(secrets.TURSO_AUTH_TOKEN).digest('hex').slice(0, 12),
          issuedAt,
          expiresAt,
          // A file holds the secrets alone.
          template: store.kind === 'dotenv' ? null : described.template,
          runId: store.kind === 'dotenv' ? null : described.runId,
        },
        recordedAt: store.kind === 'dotenv' ? null : expect.any(Date),
        warnings: [],
      })
      expect(await again.list('stage-condor')).toEqual(
        store.placesOf('stage-condor').map((place) => ({...place, updatedAt: store.kind === 'dotenv' ? null : expect.any(Date)})),
      )
      expect(JSON.stringify(told)).not.toContain(secrets.TURSO_AUTH_TOKEN)
    })

    on('says where both are kept, before they are', async (store) => {
      expect(store.placesOf('stage-condor')).toHaveLength(2)
      expect(store.placesOf('stage-condor')).not.toEqual(store.placesOf('live-condor'))
    })

    on('replaces what is there, and keeps strategies apart', async (store) => {
      await deliver(store, 'stage-condor', secrets)
      await deliver(store, 'live-condor', {...secrets, TURSO_DB_URL: 'https://live.test'})
      await deliver(store, 'stage-condor', {TURSO_DB_URL: 'https://new.test', TURSO_AUTH_TOKEN: unsignedToken({databaseId: 'database-2'})})
      expect(await store.read('stage-condor')).toMatchObject({url: 'https://new.test', token: {databaseId: 'database-2'}})
      expect(await store.read('live-condor')).toMatchObject({url: 'https://live.test', token: {databaseId: 'database-1'}})
    })

    on('removes both, and names what it removed', async (store, again) => {
      await deliver(store, 'stage-condor', secrets)
      await deliver(store, 'live-condor', secrets)
      expect(await store.remove('stage-condor')).toEqual(store.placesOf('stage-condor').map(({name}) => name))
      expect(await again.read('stage-condor')).toEqual({url: null, token: null, recordedAt: null, warnings: []})
      expect(await again.list('stage-condor')).toEqual([])
      expect(await again.list('live-condor')).toHaveLength(2)
    })

    on('keeps a note of ours, and takes it away', async (store, again) => {
      const note = JSON.stringify({state: 'rotating', at: '2029-10-01'})
      expect(await store.readNote('revocation-default')).toBeUndefined()
      await store.writeNote('revocation-default', note)
      expect(await again.readNote('revocation-default')).toBe(note)
      await store.writeNote('revocation-default', 'two')
      expect(await again.readNote('revocation-default')).toBe('two')
      await again.writeNote('revocation-default', undefined)
      await again.writeNote('revocation-default', undefined)
      expect(await store.readNote('revocation-default')).toBeUndefined()
    })

    test.each(unusable)('never writes %s', async (_, wrong) => {
      await usingStore(async (store) => {
        await deliver(store, 'stage-condor', secrets)
        const before = await store.read('stage-condor')
        const error = await store.write('stage-condor', {...secrets, ...wrong}).catch((thrown) => thrown)
        expect(error).toMatchObject({code: 'SECRETS_INVALID', message: expect.not.stringContaining('hunter2')})
        expect(await store.read('stage-condor')).toEqual(before)
      })
    })

    on('holds the secrets of one writer, whole, when many write at once', async (store, again) => {
      const written = Array.from({length: 10}, (_, index) => ({
        TURSO_DB_URL: `https://host-${index}.test`,
        TURSO_AUTH_TOKEN: unsignedToken({databaseId: `database-${index}`}),
      }))
      await Promise.all(written.map((each, index) => deliver(index % 2 ? store : again, 'stage-condor', each)))
      const {url, token} = await store.read('stage-condor')
      expect(url).toMatch(/host-\d/)
      expect(token?.databaseId).toBe(url?.replace('https://host-', 'database-').replace('.test', ''))
    })
  })
}
