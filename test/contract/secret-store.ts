import {describe, expect, test} from 'vitest'
import type {SecretStore} from '../../src/secrets/secret-store.ts'
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

/** What every secret store promises: one suite over each adapter. */
export function describeSecretStore(name: string, usingStore: UsingSecretStore): void {
  const on = (title: string, use: Parameters<UsingSecretStore>[0]) => test(title, () => usingStore(use))
  const expiresAt = new Date('2030-01-01T00:00:00Z')
  const secrets = {TURSO_DB_URL: 'https://stage-condor-me.turso.test', TURSO_AUTH_TOKEN: unsignedToken({expiresAt: expiresAt.getTime()})}

  describe(`the ${name} store`, () => {
    on('holds nothing at first', async (store) => {
      expect(await store.read('stage-condor')).toEqual({places: [], url: null, token: null})
      expect(await store.remove('stage-condor')).toEqual([])
    })

    on('tells what was written, except the token, to another process too', async (store, again) => {
      await store.write('stage-condor', secrets)
      const told = await again.read('stage-condor')
      expect(told).toEqual({places: store.placesOf('stage-condor'), url: secrets.TURSO_DB_URL, token: {databaseId: 'database-1', expiresAt}})
      expect(JSON.stringify(told)).not.toContain(secrets.TURSO_AUTH_TOKEN)
    })

    on('says where both are kept, before they are', async (store) => {
      expect(store.placesOf('stage-condor').map((place) => place.name)).toEqual(['TURSO_DB_URL', 'TURSO_AUTH_TOKEN'])
      expect(store.placesOf('live-condor')[0]?.scope).not.toBe(store.placesOf('stage-condor')[0]?.scope)
    })

    on('replaces what is there, and keeps strategies apart', async (store) => {
      await store.write('stage-condor', secrets)
      await store.write('live-condor', {...secrets, TURSO_DB_URL: 'https://live.test'})
      await store.write('stage-condor', {TURSO_DB_URL: 'https://new.test', TURSO_AUTH_TOKEN: unsignedToken({databaseId: 'database-2'})})
      expect(await store.read('stage-condor')).toMatchObject({url: 'https://new.test', token: {databaseId: 'database-2'}})
      expect(await store.read('live-condor')).toMatchObject({url: 'https://live.test', token: {databaseId: 'database-1'}})
    })

    on('removes both, and names what it removed', async (store, again) => {
      await store.write('stage-condor', secrets)
      await store.write('live-condor', secrets)
      expect(await store.remove('stage-condor')).toEqual(['TURSO_DB_URL', 'TURSO_AUTH_TOKEN'])
      expect(await again.read('stage-condor')).toEqual({places: [], url: null, token: null})
      expect((await again.read('live-condor')).places).toHaveLength(2)
    })

    test.each(unusable)('never writes %s', async (_, wrong) => {
      await usingStore(async (store) => {
        await store.write('stage-condor', secrets)
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
      await Promise.all(written.map((each, index) => (index % 2 ? store : again).write('stage-condor', each)))
      const {url, token} = await store.read('stage-condor')
      expect(url).toMatch(/host-\d/)
      expect(token?.databaseId).toBe(url?.replace('https://host-', 'database-').replace('.test', ''))
    })
  })
}
