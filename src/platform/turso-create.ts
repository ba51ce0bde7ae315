import type {Platform, PlatformDatabase} from './platform.ts'
import {LostAnswer, TursoRefusal} from './turso-errors.ts'

/** Asks the API for one database, by its name: to make it, to find it, to delete it. */
export type DatabaseCalls = {
  create(name: string): Promise<PlatformDatabase>
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
