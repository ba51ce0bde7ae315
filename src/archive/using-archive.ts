import {usingDatabase} from '../database/connect.ts'
import type {Database} from '../database/database.ts'
import {StratError} from '../errors.ts'
import type {Permission} from '../platform/platform.ts'
import {archivePermissions} from './access.ts'
import {type FindArchive, findArchive} from './find-archive.ts'

const readPermissions: Permission[] = archivePermissions.map(({tables}) => ({tables, actions: ['data_read']}))

/**
 * Lends an archive that nothing can be written to: the one that is named, or the only one there is.
 *
 * @throws StratError ARCHIVE_MISSING, and those of `findArchive`
 */
export async function usingArchive<T>(dependencies: FindArchive, name: string | undefined, use: (archive: Database) => Promise<T>): Promise<T> {
  const found = await findArchive(dependencies, {into: name, readOnly: true, mustExist: true})
  if (!found) throw new StratError('ARCHIVE_MISSING', 'There is no archive yet.', {suggestions: ['strat archive --all makes it.']})
  return usingDatabase(await dependencies.access(found, readPermissions, {readOnly: true}), use)
}
