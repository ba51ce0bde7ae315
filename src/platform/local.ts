import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {StratError} from '../errors.ts'
import {translatingStorageErrors} from '../storage-error.ts'
import {checkName} from './database-name.ts'
import {createDatabaseFile, databaseNames, deleteDatabaseFile, fileOf, prepareDirectory} from './local-files.ts'
import {type Registry, type RegistryEntry, usingRegistry} from './local-registry.ts'
import type {Platform, PlatformDatabase} from './platform.ts'

export type LocalPlatformOptions = {
  /** An absolute path. It is made, for its owner only, with the first database. */
  directory: string
  /** The group that new databases belong to. */
  group: string
}

/**
 * A directory of libSQL files, one a database: `<name>.db`. A database exists if and only if its file does;
 * the registry beside them, `platform.sqlite`, adds what a file cannot hold. A file that came by hand is a database too.
 */
export function localPlatform({directory, group}: LocalPlatformOptions): Platform {
  const pathOf = (name: string) => fileOf(directory, checkName(name))
  const exists = async (name: string) => (await databaseNames(directory)).includes(name)
  const registered = <T>(use: (registry: Registry) => Promise<T>) => usingRegistry(join(directory, 'platform.sqlite'), use)
  const toDatabase = ({name, id, group}: RegistryEntry): PlatformDatabase => ({name, id, group, url: pathToFileURL(pathOf(name)).href})
  const findOrRegister = async (registry: Registry, name: string) => (await registry.find(name)) ?? registry.register(name, group)

  /** Lends the registry's entry of a database that exists. */
  const usingEntry = <T>(name: string, use: (entry: RegistryEntry, registry: Registry) => Promise<T>) => {
    const path = pathOf(name)
    return translatingStorageErrors(path, async () => {
      if (!(await exists(name))) throw notFound(name, directory)
      return registered(async (registry) => use(await findOrRegister(registry, name), registry))
    })
  }

  /** An entry without a file is one of a database that is gone: the file is always made first. */
  const forgetMissing = async (registry: Registry, name: string) => {
    const entry = await registry.find(name)
    if (entry && !(await exists(name))) await registry.forget(entry.id)
  }

  return {
    location: directory,

    listDatabases: () =>
      translatingStorageErrors(directory, async () => {
        const names = await databaseNames(directory)
        if (names.length === 0) return []
        return registered(async (registry) => {
          const entries = new Map((await registry.list()).map((entry) => [entry.name, entry]))
          const databases: PlatformDatabase[] = []
          for (const name of names) databases.push(toDatabase(entries.get(name) ?? (await findOrRegister(registry, name))))
          return databases
        })
      }),

    async getDatabase(name) {
      const path = pathOf(name)
      return (await translatingStorageErrors(path, () => exists(name))) ? usingEntry(name, async (entry) => toDatabase(entry)) : undefined
    },

    createDatabase(name) {
      const path = pathOf(name)
      return translatingStorageErrors(path, async () => {
        await prepareDirectory(directory)
        return registered(async (registry) => {
          await forgetMissing(registry, name)
          const created = await createDatabaseFile(path)
          if (!created && !(await exists(name))) throw pathTaken(path)
          return {database: toDatabase(await findOrRegister(registry, name)), created}
        })
      })
    },

    async deleteDatabase({name, id}) {
      if (!(await translatingStorageErrors(pathOf(name), () => exists(name)))) return
      await usingEntry(name, async (entry, registry) => {
        if (entry.id !== id) return
        if (entry.deleteProtection) {
          throw new StratError('DATABASE_DELETE_PROTECTED', `${name} is delete-protected and cannot be deleted.`, {
            suggestions: ['Turn its delete protection off first.'],
          })
        }
        await deleteDatabaseFile(pathOf(name), async () => {
          const current = await registry.find(name)
          if (current?.id === id) await registry.forget(id)
          return current?.id === id
        })
      })
    },

    setDeleteProtection: (name, enabled) => usingEntry(name, (_, registry) => registry.setDeleteProtection(name, enabled)),

    createDatabaseToken: (name, request) =>
      usingEntry(name, async ({signingKey, id}) => {
        const {signDatabaseToken} = await import('./local-token.ts')
        return signDatabaseToken(signingKey, id, request)
      }),

    readUsage: async () => {
      throw new StratError('PLATFORM_UNAVAILABLE', 'The local platform does not count what it uses yet.')
    },

    connect: async ({name, url}) => ({name, url}),
  }
}

function notFound(name: string, directory: string): StratError {
  return new StratError('DATABASE_NOT_FOUND', `There is no database ${name} in ${directory}.`, {
    suggestions: ['strat list --all-databases shows what is there.'],
  })
}

function pathTaken(path: string): StratError {
  return new StratError('DATABASE_PATH_TAKEN', `${path} is there, but it is a folder or a link and no database.`, {
    suggestions: ['Move it away, or choose another name.'],
  })
}
