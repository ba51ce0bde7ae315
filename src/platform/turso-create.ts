import {nameTaken} from './database-name.ts'
import type {Platform, PlatformDatabase} from './platform.ts'
import {databaseNotFound, LostAnswer, TursoRefusal} from './turso-errors.ts'

/** Asks the API for one database, by its name: to make it, to copy it, to find it, to delete it. */
export type DatabaseCalls = {
  create(name: string): Promise<PlatformDatabase>
  fork(source: PlatformDatabase, name: string): Promise<PlatformDatabase>
  find(name: string): Promise<PlatformDatabase | undefined>
  delete(name: string): Promise<void>
}

/** How often a call is made whose reply was lost. Before each further one it is looked up what the last one did. */
const maxAttempts = 3

/** Makes a database, or finds the one that is there. Where the reply was lost and there is one, nobody can tell whose it is: `created` is false. */
export async function createOrFind({create, find}: DatabaseCalls, name: string): ReturnType<Platform['createDatabase']> {
  for (let attempt = 1; ; attempt++) {
    try {
      return {database: await create(name), created: true}
    } catch (error) {
      if (!isTaken(error) && !(error instanceof LostAnswer)) throw error
      const database = await find(name)
      if (database) return {database, created: false}
      if (attempt === maxAttempts) throw error
    }
  }
}

/**
 * Copies a database under a name that only the caller uses: where a reply was lost, the one that is there is the copy.
 *
 * @throws StratError DATABASE_NOT_FOUND where the source is gone, DATABASE_NAME_TAKEN
 */
export async function forkOrFind({fork, find}: DatabaseCalls, source: PlatformDatabase, name: string): Promise<PlatformDatabase> {
  const isSourceGone = async () => (await find(source.name))?.id !== source.id
  if (await isSourceGone()) throw databaseNotFound(source.name)
  for (let attempt = 1; ; attempt++) {
    try {
      return await fork(source, name)
    } catch (error) {
      if (isTaken(error) && attempt === 1) throw nameTaken(name)
      // In what words it refuses to copy what has just been deleted is its own affair.
      if (!isTaken(error) && !(error instanceof LostAnswer)) throw (await isSourceGone()) ? databaseNotFound(source.name) : error
      const database = await find(name)
      if (database) return database
      if (attempt === maxAttempts) throw error
    }
  }
}

/** Deletes the database of that name and id; another one that has the name by now stays. */
export async function deleteIfSame({find, delete: deleteDatabase}: DatabaseCalls, {name, id}: Pick<PlatformDatabase, 'name' | 'id'>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const database = await find(name)
    if (database?.id !== id) return
    try {
      return await deleteDatabase(name)
    } catch (error) {
      if (isMissing(error)) return
      if (!(error instanceof LostAnswer) || attempt === maxAttempts) throw error
    }
  }
}

/** Whether a database of that name exists: 400 since July 2026, 409 before. */
const isTaken = (error: unknown) => error instanceof TursoRefusal && (error.status === 409 || (error.status === 400 && /already exists/i.test(error.message)))

/** Whether there is no such database; a missing organization is something else. */
export const isMissing = (error: unknown) => error instanceof TursoRefusal && error.status === 404 && !/organi[sz]ation/i.test(error.message)
