import type {DatabaseConnection, DatabaseToken, Permission, Platform, PlatformDatabase} from '../platform/platform.ts'

/**
 * What archiving may do in a strategy's database: read what decides which trades are closed, and delete trades. It adds nothing,
 * and can neither open nor close a position.
 */
export const sourcePermissions: Permission[] = [
  {tables: ['trade_logs'], actions: ['data_read', 'data_delete']},
  {tables: ['active_positions', 'strat_meta'], actions: ['data_read']},
]

/**
 * What archiving may do in an archive: add trades and batches. It changes batches to seal them or to take them over from a run that died,
 * and deletes copies, with their batch, whose originals stay in the source; what is sealed the triggers keep from both.
 */
export const archivePermissions: Permission[] = [
  {tables: ['trade_logs'], actions: ['data_read', 'data_add', 'data_delete']},
  {tables: ['archive_batches'], actions: ['data_read', 'data_add', 'data_update', 'data_delete']},
  {tables: ['archive_cuts'], actions: ['data_read', 'data_add', 'data_update']},
  {tables: ['strat_meta', 'strat_migration', 'kysely_migration'], actions: ['data_read']},
]

/** Finds out how to open a database for no more than is permitted; `readOnly` for less. */
export type Access = (database: PlatformDatabase, permissions: Permission[], options: {readOnly: boolean}) => Promise<DatabaseConnection>

/** How long a token lives, and how much of that must be left to begin with it: one that ends, or is invalidated, on the way is replaced there. */
const lifetimeSeconds = 3600
const reserveMs = 10 * 60_000

/** Opens databases by tokens of their own, each minted once as long as it lives and is let in; files, which no token guards, as they are. */
export function narrowAccess(platform: Pick<Platform, 'connect' | 'createDatabaseToken'>, {isLocal}: {isLocal: boolean}): Access {
  const minted = new Map<string, Promise<DatabaseToken>>()
  return async (database, permissions, {readOnly}) => {
    if (isLocal) return platform.connect(database)
    const {name, url} = database
    const key = JSON.stringify([name, permissions, readOnly])
    const tokenBut = async (isUseless: (token: DatabaseToken) => boolean): Promise<string> => {
      const known = minted.get(key)
      const present = await known
      const current = minted.get(key)
      // Somebody else may have begun to replace it meanwhile.
      const isUsable = current !== known || (present && !isUseless(present))
      const token = current && isUsable ? current : platform.createDatabaseToken(name, {lifetimeSeconds, permissions, readOnly})
      minted.set(key, token)
      token.catch(() => minted.delete(key))
      return (await token).jwt
    }
    return {
      name,
      url,
      authToken: await tokenBut(({expiresAt}) => expiresAt.getTime() - Date.now() <= reserveMs),
      renewToken: (refused) => tokenBut(({jwt}) => jwt === refused),
    }
  }
}
