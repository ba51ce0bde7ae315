import {existsSync} from 'node:fs'
import {lstat, open, readdir, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import type {Client} from '@libsql/client/sqlite3'
import {hasCode} from '../errors.ts'
import {makeDirectory} from '../make-directory.ts'
import {isDatabaseName} from './database-name.ts'

const suffix = '.db'

/** How long one process waits for another that is writing. */
export const busyTimeoutMs = 10_000

/** Where the database of a checked name lives. */
export const fileOf = (directory: string, name: string) => join(directory, name + suffix)

/** The names of the databases in a directory, in order; none where there is no directory yet. */
export async function databaseNames(directory: string): Promise<string[]> {
  const files = await readdir(directory, {withFileTypes: true}).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return files
    .filter((file) => file.isFile() && file.name.endsWith(suffix))
    .map((file) => file.name.slice(0, -suffix.length))
    .filter(isDatabaseName)
    .sort()
}

/** Whether there is a database's file at a path; a folder or a link is none. */
export async function isDatabaseFile(path: string): Promise<boolean> {
  const status = await lstat(path).catch(ignoreCode('ENOENT'))
  return status?.isFile() ?? false
}

/** Makes the directory for its owner only, and keeps git from committing what is in it. A folder that holds other things stays as it is. */
export async function prepareDirectory(directory: string): Promise<void> {
  await makeDirectory(directory)
  const isEmpty = (await readdir(directory)).length === 0
  if (isEmpty) await writeFile(join(directory, '.gitignore'), '*\n', {mode: 0o600})
}

/** Makes an empty database for its owner only, and says whether it was this call that made it. */
export async function createDatabaseFile(path: string): Promise<boolean> {
  const file = await open(path, 'wx', 0o600).catch(ignoreCode('EEXIST'))
  await file?.close()
  const isEmpty = file !== undefined || (await isEmptyFile(path))
  // Readers and one writer at the same time; also for a file whose maker died before this step.
  // Where another process is in the file already, it stays as it is.
  if (isEmpty) await usingFile(path, (client) => client.execute('PRAGMA journal_mode = WAL')).catch(ignoreCode('SQLITE_BUSY'))
  return file !== undefined
}

async function isEmptyFile(path: string): Promise<boolean> {
  const status = await lstat(path)
  return status.isFile() && status.size === 0
}

/**
 * Deletes a database's file and logs. Nobody can write to it meanwhile; `forget` is asked once that is so whether the file
 * is still the one that is meant. It runs before the file goes, so that what a crash leaves can be deleted again. A file that is gone is success.
 */
export async function deleteDatabaseFile(path: string, forget: () => Promise<boolean>): Promise<void> {
  await usingFile(path, async (client) => {
    await emptyLog(client)
    // Another deletion of the same file waits here until this one is done, and is then asked whether it is still the one.
    const lock = await client.transaction('write')
    try {
      if (await forget()) await removeFiles(path)
    } finally {
      lock.close()
    }
  }).catch(async (error) => {
    if (!hasCode(error, 'SQLITE_NOTADB') && !hasCode(error, 'ENOENT')) throw error
    if (await forget()) await removeFiles(path)
  })
}

/** The logs go first: one that outlives its file would be taken for the log of the next database of that name. */
async function removeFiles(path: string): Promise<void> {
  await Promise.all(['-wal', '-shm', '-journal'].map((log) => rm(path + log, {force: true})))
  await rm(path, {force: true})
}

const ignoreCode =
  (code: string) =>
  (error: unknown): undefined => {
    if (!hasCode(error, code)) throw error
  }

async function emptyLog(client: Client): Promise<void> {
  const {rows} = await client.execute('PRAGMA wal_checkpoint(TRUNCATE)')
  if (rows[0]?.['busy'] === 1) throw Object.assign(new Error('A transaction is open.'), {code: 'SQLITE_BUSY'})
}

/** Lends a client on a database's file, again and again while others are in the way, and closes it afterwards; throws ENOENT where there is no file. */
export async function usingFile<T>(path: string, use: (client: Client) => Promise<T>): Promise<T> {
  const deadline = Date.now() + busyTimeoutMs
  for (;;) {
    try {
      return await useOnce(path, use)
    } catch (error) {
      if (!hasCode(error, 'SQLITE_BUSY') || Date.now() > deadline) throw error
    }
    // SQLite's own timeout would hold up everything else that this process does: a server's other requests, or the one that is in the way.
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

async function useOnce<T>(path: string, use: (client: Client) => Promise<T>): Promise<T> {
  const {createClient} = await import('@libsql/client/sqlite3')
  // The client would make the missing file, empty and readable by everyone.
  if (!existsSync(path)) throw Object.assign(new Error(`${path} is gone.`), {code: 'ENOENT'})
  const client = createClient({url: pathToFileURL(path).href})
  try {
    return await use(client)
  } finally {
    client.close()
  }
}
