import {pathToFileURL} from 'node:url'
import {checkName, nameTaken} from './database-name.ts'
import {deleteProtected, type LocalDatabases, type LocalDatabasesOptions, localDatabases, notFound} from './local-databases.ts'
import type {RegistryEntry} from './local-entry.ts'
import {monthOf} from './local-usage.ts'
import type {Platform, PlatformDatabase, PlatformUsage} from './platform.ts'

/** The databases of a directory as a platform. */
export function localPlatform(options: LocalDatabasesOptions): Platform {
  const databases = localDatabases(options)
  const toDatabase = ({name, id, group}: RegistryEntry): PlatformDatabase => ({name, id, group, url: pathToFileURL(databases.pathOf(name)).href})

  return {
    location: options.directory,

    listDatabases: async () => (await databases.list()).map(toDatabase),

    getDatabase: async (name) => ((await databases.exists(name)) ? databases.using(name, async (entry) => toDatabase(entry)) : undefined),

    async createDatabase(name) {
      const {entry, created} = await databases.create(name)
      return {database: toDatabase(entry), created}
    },

    async forkDatabase({name: sourceName, id}, name) {
      checkName(name)
      const {forkDatabaseFile} = await import('./local-fork.ts')
      const source = await databases.using(sourceName, async (entry) => entry)
      if (source.id !== id) throw notFound(sourceName, options.directory)
      const origin = {group: source.group, parent: source}
      const {entry, created} = await databases.create(name, origin, (path) => forkDatabaseFile(databases.pathOf(sourceName), path))
      if (!created) throw nameTaken(name)
      return toDatabase(entry)
    },

    requireDeletable: ({name, id}) =>
      databases.using(name, async (_, registry) => {
        if (await registry.isProtected(id)) throw deleteProtected(name)
      }),

    async deleteDatabase({name, id}) {
      if (!(await databases.exists(name))) return
      const entry = await databases.using(name, async (found) => found)
      if (entry.id === id) await databases.delete(name, id)
    },

    readConfiguration: (name) => databases.using(name, async ({deleteProtection, blockWrites}) => ({deleteProtection, blockWrites})),

    configureDatabase: (name, changes) =>
      databases.using(name, async ({id}, registry) => {
        await registry.configure(id, changes)
      }),

    createDatabaseToken: (name, request) =>
      databases.using(name, async ({signingKey, id}) => {
        const {signDatabaseToken} = await import('./local-token.ts')
        return signDatabaseToken(signingKey, id, request)
      }),

    invalidateTokens: ({name}) =>
      databases.using(name, async ({id}, registry) => {
        await registry.rotateSigningKey(id)
        return 'invalidated' as const
      }),

    readUsage: () => readUsage(databases),

    connect: async ({name, url}) => ({name, url}),
  }
}

/** The disk is the only limit that there is. */
async function readUsage(databases: LocalDatabases): Promise<PlatformUsage> {
  const entries = await databases.list()
  const month = monthOf(new Date())
  // Nothing is made only to be counted.
  const counts = databases.isPrepared() ? await databases.usingRegistry((registry) => registry.usage(month, month)) : undefined
  const perDatabase = await Promise.all(
    entries.map(async ({name, id}) => ({name, ...(counts?.of(id) ?? noRows), storageBytes: await databases.storageBytes(name)})),
  )
  const unlimited = (used: number) => ({used, quota: null})
  return {
    plan: 'local',
    databases: unlimited(entries.length),
    storageBytes: unlimited(perDatabase.reduce((sum, {storageBytes}) => sum + storageBytes, 0)),
    rowsRead: unlimited(counts?.total.rowsRead ?? 0),
    rowsWritten: unlimited(counts?.total.rowsWritten ?? 0),
    perDatabase,
  }
}

const noRows = {rowsRead: 0, rowsWritten: 0}
