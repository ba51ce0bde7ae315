import {existsSync} from 'node:fs'
import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import {StratError} from '../errors.ts'
import {translatingStorageErrors} from '../storage-error.ts'
import {checkName} from './database-name.ts'
import type {DatabaseOrigin, RegistryEntry} from './local-entry.ts'
import {createDatabaseFile, databaseNames, deleteDatabaseFile, fileOf, isDatabaseFile, prepareDirectory} from './local-files.ts'
import {type Registry, usingRegistry} from './local-registry.ts'

export type LocalDatabasesOptions = {
  /** An absolute path. It is made, for its owner only, with the first database. */
  directory: string
  /** The group of databases of which nothing else is said. */
  group: string
  /** Lets go of this process's own open connections to a database, before its file is deleted. */
  release?: (name: string) => Promise<void>
}

/** The databases of a directory, with what the registry knows of each. */
export type LocalDatabases = ReturnType<typeof localDatabases>

/**
 * A directory of libSQL files, one a database: `<name>.db`. A database exists if and only if its file does;
 * the registry beside them, `platform.sqlite`, adds what a file cannot hold. A file that came by hand is a database too.
 */
export function localDatabases({directory, group, release = async () => {}}: LocalDatabasesOptions) {
  const pathOf = (name: string) => fileOf(directory, checkName(name))
  const exists = (name: string) => isDatabaseFile(pathOf(name))
  const registryFile = join(directory, 'platform.sqlite')
  const registered = <T>(use: (registry: Registry) => Promise<T>) => usingRegistry(registryFile, use)
  const findOrRegister = async (registry: Registry, name: string) => (await registry.find(name)) ?? registry.register(name, group)

  /** An entry without a file is one of a database that is gone: the file is always made first. */
  const forgetMissing = async (registry: Registry, name: string) => {
    const entry = await registry.find(name)
    if (entry && !(await exists(name))) await registry.forgetMissing(entry.id)
  }

  return {
    pathOf,
    exists: (name: string) => translatingStorageErrors(pathOf(name), () => exists(name)),

    /** Whether there is a registry yet. */
    isPrepared: () => existsSync(registryFile),

    /** Lends the registry, in a directory that is made if need be. */
    usingRegistry: <T>(use: (registry: Registry) => Promise<T>): Promise<T> =>
      translatingStorageErrors(directory, async () => {
        if (!existsSync(registryFile)) await prepareDirectory(directory)
        return registered(use)
      }),

    /** Every database in order of name. */
    list: (): Promise<RegistryEntry[]> =>
      translatingStorageErrors(directory, async () => {
        const names = await databaseNames(directory)
        if (names.length === 0) return []
        return registered(async (registry) => {
          const entries = new Map((await registry.list()).map((entry) => [entry.name, entry]))
          const found: RegistryEntry[] = []
          for (const name of names) found.push(entries.get(name) ?? (await findOrRegister(registry, name)))
          return found
        })
      }),

    /** Lends the entry of a database that exists; throws DATABASE_NOT_FOUND for others. */
    using<T>(name: string, use: (entry: RegistryEntry, registry: Registry) => Promise<T>): Promise<T> {
      const path = pathOf(name)
      return translatingStorageErrors(path, async () => {
        if (!(await exists(name))) throw notFound(name, directory)
        return registered(async (registry) => use(await findOrRegister(registry, name), registry))
      })
    },

    /** Makes a database, with the file that `makeFile` makes, unless there is one of that name: of many calls at once, exactly one creates. */
    create(name: string, origin: DatabaseOrigin = {group}, makeFile = createDatabaseFile): Promise<{entry: RegistryEntry; created: boolean}> {
      const path = pathOf(name)
      return translatingStorageErrors(path, async () => {
        await prepareDirectory(directory)
        return registered(async (registry) => {
          await forgetMissing(registry, name)
          const created = await makeFile(path)
          if (!created && !(await exists(name))) throw pathTaken(path)
          return {entry: created ? await registry.registerCreated(name, origin) : await findOrRegister(registry, name), created}
        })
      })
    },

    /** Deletes the database of that name and id, if there is one; throws DATABASE_DELETE_PROTECTED while it, or its group, is protected. */
    delete: (name: string, id: string): Promise<void> =>
      translatingStorageErrors(pathOf(name), () =>
        registered(async (registry) => {
          if (await registry.isProtected(id)) throw deleteProtected(name)
          await release(name)
          try {
            await deleteDatabaseFile(pathOf(name), () => forgetUnprotected(registry, name, id))
          } finally {
            // What was opened meanwhile holds a file that has no name any more.
            await release(name)
          }
        }),
      ),

    /** The size of a database's file; 0 if it is gone. */
    storageBytes: async (name: string): Promise<number> => (await stat(pathOf(name)).catch(() => undefined))?.size ?? 0,
  }
}

async function forgetUnprotected(registry: Registry, name: string, id: string): Promise<boolean> {
  if (await registry.forget(id)) return true
  if ((await registry.find(name))?.id !== id) return false
  throw deleteProtected(name)
}

/** The error for a database that may not be deleted. */
export function deleteProtected(name: string): StratError {
  return new StratError('DATABASE_DELETE_PROTECTED', `${name} is delete-protected and cannot be deleted.`, {
    suggestions: ['Turn its delete protection, or that of its group, off first.'],
  })
}

/** The error for a database that does not exist. */
export function notFound(name: string, directory: string): StratError {
  return new StratError('DATABASE_NOT_FOUND', `There is no database ${name} in ${directory}.`, {
    suggestions: ['strat list --all-databases shows what is there.'],
  })
}

function pathTaken(path: string): StratError {
  return new StratError('DATABASE_PATH_TAKEN', `${path} is there, but it is a folder or a link and no database.`, {
    suggestions: ['Move it away, or choose another name.'],
  })
}
