import {join} from 'node:path'
import {isDatabaseName} from '../platform/database-name.ts'
import {localPlatform} from '../platform/local.ts'
import type {DatabaseAccess} from '../platform/local-entry.ts'
import {fileOf} from '../platform/local-files.ts'
import {openRegistry} from '../platform/local-registry.ts'
import type {TokenKeys} from './database-token.ts'
import {openLibsql} from './sql/libsql.ts'
import type {SqlValue} from './sql/values.ts'

/** A database as a request for its SQL needs it. */
export type ServedDatabase = TokenKeys & {file: string; blockReads: boolean; blockWrites: boolean; sizeLimit: number | null}

export type Usage = {rowsRead: number; rowsWritten: number}

/** How long counted rows wait before they are written down. */
const flushMs = 1000

/** The local platform's directory as the server looks into it, request by request: other processes change it meanwhile. */
export type Directory = Awaited<ReturnType<typeof openDirectory>>

export type DirectoryOptions = {
  directory: string
  group: string
  /** Hears of a database whose tokens were made invalid: what they opened is to be closed. */
  onRevoked: (name: string) => void
}

/** Opens a directory that exists. */
export async function openDirectory({directory, group, onRevoked}: DirectoryOptions) {
  const platform = localPlatform({directory, group})
  const registryFile = join(directory, 'platform.sqlite')
  const registry = await openRegistry(registryFile)
  const watching = openLibsql(registryFile)
  // Changes with every commit of another connection.
  const dataVersion = watching.prepare('PRAGMA data_version').raw()
  const counted = new Map<string, Usage>()
  const known = new Map<string, DatabaseAccess>()
  const keysSeen = new Map<string, string>()
  let version: SqlValue | undefined
  let hasLooked = false

  /** Once in a turn of the event loop: requests that came together see the same. */
  const lookForChanges = () => {
    if (hasLooked) return
    hasLooked = true
    setImmediate(() => {
      hasLooked = false
    })
    const current = dataVersion.get([])?.[0]
    if (current !== version) known.clear()
    version = current
  }

  /** What the registry says of a database, read again whenever somebody has written to it. */
  const accessOf = async (name: string): Promise<DatabaseAccess | undefined> => {
    lookForChanges()
    const found = known.get(name)
    if (found) return found
    const access = await registry.access(name)
    if (!access) return undefined
    known.set(name, access)
    const keys = access.signingKey + access.groupSigningKey
    if ((keysSeen.get(name) ?? keys) !== keys) onRevoked(name)
    keysSeen.set(name, keys)
    return access
  }

  const flush = async () => {
    const entries = [...counted]
    counted.clear()
    for (const [name, usage] of entries) await registry.addUsage(name, usage)
  }
  const timer = setInterval(() => void flush().catch(() => undefined), flushMs).unref()

  return {
    /** The database of that name; undefined if there is none, or the name is none that a database can have. */
    async find(name: string): Promise<ServedDatabase | undefined> {
      if (!isDatabaseName(name)) return undefined
      // A file that came by hand is entered when it is first looked at.
      const entry = (await accessOf(name)) ?? ((await platform.getDatabase(name)) ? await accessOf(name) : undefined)
      return entry && {...entry, file: fileOf(directory, name)}
    },

    /** Counts what a request has read and written; written down soon. */
    addUsage(name: string, {rowsRead, rowsWritten}: Usage): void {
      const sum = counted.get(name) ?? {rowsRead: 0, rowsWritten: 0}
      counted.set(name, {rowsRead: sum.rowsRead + rowsRead, rowsWritten: sum.rowsWritten + rowsWritten})
    },

    async close(): Promise<void> {
      clearInterval(timer)
      await flush()
      watching.close()
      registry.close()
    },
  }
}
