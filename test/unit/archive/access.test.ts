import {describe, expect, test} from 'vitest'
import {type Access, narrowAccess, sourcePermissions} from '../../../src/archive/access.ts'
import {usingDatabase} from '../../../src/database/connect.ts'
import type {Platform, PlatformDatabase} from '../../../src/platform/platform.ts'
import {usingServer} from '../../helpers/server.ts'

type Opened = {
  platform: Platform
  database: PlatformDatabase
  access: Access
  minted: {readOnly?: boolean | undefined; permissions?: unknown}[]
  kill: () => Promise<unknown>
}

/** A database of a server, with a table, and how archiving opens it there. */
const usingAccess = (use: (opened: Opened) => Promise<void>) =>
  usingServer(async ({platform, run, url}) => {
    await platform.createDatabase('stage-condor')
    await run('stage-condor', ['CREATE TABLE trade_logs (id TEXT PRIMARY KEY)'])
    const found = await platform.getDatabase('stage-condor')
    if (!found) throw new Error('It was not made.')
    const database = {...found, url: `${url}/dev/stage-condor`}
    const minted: Opened['minted'] = []
    const createDatabaseToken: Platform['createDatabaseToken'] = (name, request) => {
      minted.push(request)
      return platform.createDatabaseToken(name, request)
    }
    const access = narrowAccess({...platform, createDatabaseToken}, {isLocal: false})
    await use({platform, database, access, minted, kill: () => platform.invalidateTokens(database)})
  })

const permissions = [{tables: ['trade_logs'], actions: ['data_read', 'data_add'] as const}].map(({tables, actions}) => ({tables, actions: [...actions]}))
const add = {sql: "INSERT INTO trade_logs SELECT 'trade ' || count(*) FROM trade_logs", args: []}
const countAll = {sql: 'SELECT count(*) AS trades FROM trade_logs', args: []}

describe('a token of archiving', () => {
  test('that is refused in the middle is minted once more, for all that use it, and what was asked is done once', async () => {
    await usingAccess(async ({database, access, minted, kill}) => {
      const open = () => access(database, permissions, {readOnly: false})
      await usingDatabase(await open(), async (first) => {
        await first.write([add])
        await usingDatabase(await open(), async (second) => {
          await kill()
          await Promise.all([first.write([add]), second.write([add])])
        })
        expect(minted).toHaveLength(2)
        await kill()
        expect((await first.read([countAll]))[0]?.rows[0]?.['trades']).toBe(3)
      })
      await usingDatabase(await open(), (next) => next.write([add]))
      expect(minted).toHaveLength(3)
    })
  })

  test('that is refused again and again ends the run, after one more', async () => {
    await usingAccess(async ({platform, database, minted}) => {
      const dead = await platform.createDatabaseToken('stage-condor', {lifetimeSeconds: 3600})
      await platform.invalidateTokens(database)
      const createDatabaseToken: Platform['createDatabaseToken'] = async (_, request) => {
        minted.push(request)
        return dead
      }
      const access = narrowAccess({...platform, createDatabaseToken}, {isLocal: false})
      const connection = await access(database, permissions, {readOnly: false})
      await expect(usingDatabase(connection, (opened) => opened.write([add]))).rejects.toMatchObject({code: 'DATABASE_TOKEN_REFUSED'})
      expect(minted).toHaveLength(2)
    })
  })

  test('is for what it was minted for alone: who may do less gets another one', async () => {
    await usingAccess(async ({database, access, minted}) => {
      await access(database, permissions, {readOnly: false})
      await Promise.all([1, 2].map(() => access(database, permissions, {readOnly: true})))
      await access(database, sourcePermissions, {readOnly: false})
      await access(database, permissions, {readOnly: true})
      expect(minted.map(({readOnly, permissions: allowed}) => [readOnly, allowed])).toEqual([
        [false, permissions],
        [true, permissions],
        [false, sourcePermissions],
      ])
    })
  })
})
