import {usingDatabase} from '../database/connect.ts'
import {type DatabaseState, inspectBookkeeping, isUnfinished, ownMarker, requireMarker} from '../database/inspect.ts'
import {StratError} from '../errors.ts'
import {forkedAt} from '../fleet/fork-name.ts'
import {strategyNotFound} from '../fleet/select.ts'
import type {Platform, PlatformDatabase} from '../platform/platform.ts'
import {type Access, archivePermissions} from './access.ts'
import {wrongKind} from './read-source.ts'

/** The name of an archive that is made because there is none. */
export const firstArchive = 'trade-logs-archive'

export type FindArchive = {
  platform: Pick<Platform, 'listDatabases'>
  access: Access
  isArchiveName: (name: string) => boolean
  /** Throws where no database can have this name. */
  checkName: (name: string) => unknown
  /** The migrations that an archive which stands like this lacks. */
  pendingOf: (kind: 'archive', state: DatabaseState) => Promise<string[]>
}

/** `into`: its name, if one was given; `mustExist`: it is not made where there is none of that name. */
export type ArchiveSearch = {into?: string | undefined; readOnly: boolean; mustExist?: boolean}

/**
 * Finds the archive: the one that is named, or else the only one that is ours. Undefined where it is still to be made, which is not so
 * where there is one that was renamed: in a second one its trades would be once more.
 *
 * @throws StratError ARCHIVE_AMBIGUOUS, ARCHIVE_BEHIND, KIND_WRONG, STRATEGY_NAME_INVALID, STRATEGY_NOT_FOUND, STRATEGY_NOT_OURS, STRATEGY_INCOMPLETE
 */
export async function findArchive(dependencies: FindArchive, {into, readOnly, mustExist = false}: ArchiveSearch): Promise<PlatformDatabase | undefined> {
  const databases = (await dependencies.platform.listDatabases()).filter(({name}) => !forkedAt(name))
  const inspect = async (database: PlatformDatabase) => ({database, state: await inspectArchive(dependencies, database, readOnly)})
  if (into !== undefined) {
    const named = databases.find(({name}) => name === into)
    const isMade = !mustExist && dependencies.isArchiveName(into)
    if (!named && !isMade) throw notFound(into, databases, mustExist)
    if (!named) dependencies.checkName(into)
    const found = named && (await inspect(named))
    return !found || (isMade && isUnfinished(found.state)) ? undefined : requireArchive(dependencies, found)
  }
  const candidates = await Promise.all(databases.filter(({name}) => dependencies.isArchiveName(name)).map(inspect))
  const archives = candidates.filter(({database, state}) => ownMarker(database.name, state)?.kind === 'archive')
  if (archives.length > 1)
    throw ambiguous(
      archives.map(({database}) => database.name),
      mustExist,
    )
  if (archives[0]) return requireArchive(dependencies, archives[0])
  // Its new name may be none of an archive's.
  const others = databases.filter(({name}) => !dependencies.isArchiveName(name) && name.includes('archive'))
  const renamed = [...candidates, ...(await Promise.all(others.map(inspect)))].find(({state}) => state.marker?.kind === 'archive')
  if (renamed) throw renamedArchive(dependencies, renamed, mustExist)
  return undefined
}

type Inspected = {database: PlatformDatabase; state: DatabaseState}

const inspectArchive = async ({access}: FindArchive, database: PlatformDatabase, readOnly: boolean) =>
  usingDatabase(await access(database, archivePermissions, {readOnly}), inspectBookkeeping)

async function requireArchive({pendingOf}: FindArchive, {database, state}: Inspected): Promise<PlatformDatabase> {
  const {name} = database
  const {kind} = requireMarker(name, state)
  if (kind !== 'archive') throw wrongKind(name, 'a strategy', 'Name an archive, or none, if there is only one.')
  const pending = await pendingOf('archive', state)
  if (pending.length === 0) return database
  throw new StratError('ARCHIVE_BEHIND', `${name} lacks ${pending.join(', ')}.`, {suggestions: [`strat migrate ${name}`]})
}

function notFound(into: string, databases: PlatformDatabase[], mustExist: boolean): StratError {
  const error = strategyNotFound(
    into,
    databases.map(({name}) => name),
  )
  if (mustExist) return error
  const {message, suggestions} = error
  return new StratError('STRATEGY_NOT_FOUND', `${message} An archive would be made, but its name must be archive, or end with -archive.`, {suggestions})
}

const ambiguous = (names: string[], isArgument: boolean) =>
  new StratError('ARCHIVE_AMBIGUOUS', `There is more than one archive: ${names.join(', ')}.`, {
    suggestions: names.map((name) => (isArgument ? `The same command with the name: ${name}` : `--into ${name}`)),
  })

function renamedArchive({isArchiveName}: FindArchive, {database: {name}, state}: Inspected, mustExist: boolean): StratError {
  const former = state.marker?.strategy ?? firstArchive
  return new StratError('ARCHIVE_AMBIGUOUS', `No archive is there by its own name, but ${name} is an archive by the name of ${former}: a copy, or renamed.`, {
    suggestions: [
      ...(isArchiveName(name) ? [`strat adopt ${name} takes it over by its new name.`] : []),
      `Rename it to ${former}, which it was.`,
      ...(mustExist ? [] : [`--into ${isArchiveName(former) ? former : firstArchive} makes another one, without what is in it.`]),
    ],
  })
}
