import {usingDatabase} from '../database/connect.ts'
import {readMarker} from '../database/marker.ts'
import {hasCode, messageOf} from '../errors.ts'
import {forkedAt} from '../fleet/fork-name.ts'
import type {Platform, PlatformDatabase} from '../platform/platform.ts'

/** How old a copy is that nobody rehearses on any more. */
const leftAfterMs = 60 * 60 * 1000

/** Copies that rehearsals made: those that a crash had left are deleted now, those that may be in use stay. */
export type LeftoverForks = {deleted: string[]; younger: string[]}

/**
 * Deletes the copies that a rehearsal which crashed has left: by their names made more than an hour ago, by their markers copies of
 * another database. One that cannot be read or deleted stays, and `warn` hears why.
 */
export async function deleteLeftoverForks(
  platform: Pick<Platform, 'connect' | 'deleteDatabase'>,
  databases: PlatformDatabase[],
  warn: (message: string) => void,
): Promise<LeftoverForks> {
  const forks = databases.flatMap((database) => {
    const madeAt = forkedAt(database.name)
    return madeAt ? [{database, isLeft: Date.now() - madeAt.getTime() > leftAfterMs}] : []
  })
  const deleted: string[] = []
  for (const {database, isLeft} of forks) if (isLeft && (await deleteCopy(platform, database, warn))) deleted.push(database.name)
  return {deleted, younger: forks.filter(({isLeft}) => !isLeft).map(({database}) => database.name)}
}

async function deleteCopy(
  platform: Pick<Platform, 'connect' | 'deleteDatabase'>,
  database: PlatformDatabase,
  warn: (message: string) => void,
): Promise<boolean> {
  try {
    const marker = await usingDatabase(await platform.connect(database), readMarker)
    if (marker === undefined || marker.strategy === database.name) return false
    await platform.deleteDatabase(database)
    return true
  } catch (error) {
    // Where it is gone, another run was faster.
    if (!hasCode(error, 'DATABASE_NOT_FOUND')) warn(`${database.name}, a copy that a rehearsal has left, was not deleted: ${messageOf(error)}.`)
    return false
  }
}
