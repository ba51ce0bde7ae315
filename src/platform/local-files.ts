import {mkdir, open, readdir, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Client} from '@libsql/client/sqlite3'
import {StratError} from '../errors.ts'
import {busyTimeoutMs} from './local-registry.ts'

const suffix = '.db'

/** Turso's rule for names, which also keeps every name inside the directory. */
export function checkName(name: string): string {
  if (isName(name)) return name
  throw new StratError('DATABASE_NAME_INVALID', `"${name}" cannot be a database's name: lower-case letters, digits and dashes, at most 64.`)
}

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
    .filter(isName)
    .sort()
}

/** Makes the directory for its owner only, and keeps git from committing what is in it. */
export async function prepareDirectory(directory: string): Promise<void> {
  await mkdir(directory, {recursive: true, mode: 0o700})
  await writeFile(join(directory, '.gitignore'), '*\n', {flag: 'wx', mode: 0o600}).catch(ignoreExisting)
}

/** Makes an empty database for its owner only, and says whether it was this call that made it. */
export async function createDatabaseFile(path: string): Promise<boolean> {
  const file = await open(path, 'wx', 0o600).catch(ignoreExisting)
  if (!file) return false
  await file.close()
  // Readers and one writer at the same time. Where another process is in the new file already, it stays as it is.
  await usingFile(path, (client) => client.execute('PRAGMA journal_mode = WAL')).catch(ignoreCode('SQLITE_BUSY'))
  return true
}

/**
 * Deletes a database's file and logs; `forget` runs before the file goes, so that what a crash leaves
 * is a database that can be deleted again.
 */
export async function deleteDatabaseFile(path: string, forget: () => Promise<void>): Promise<void> {
  // Empties the write-ahead log: one that outlives its file would be taken for the log of the next database of that name.
  await usingFile(path, emptyLog).catch(ignoreCode('SQLITE_NOTADB'))
  await Promise.all(['-wal', '-shm', '-journal'].map((log) => rm(path + log, {force: true})))
  await forget()
  await rm(path, {force: true})
}

function ignoreExisting(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EEXIST') throw error
}

const ignoreCode = (code: string) => (error: unknown) => {
  if (!(error instanceof Error && 'code' in error && error.code === code)) throw error
}

async function emptyLog(client: Client): Promise<void> {
  const {rows} = await client.execute('PRAGMA wal_checkpoint(TRUNCATE)')
  if (rows[0]?.['busy'] === 1) throw Object.assign(new Error('A transaction is open.'), {code: 'SQLITE_BUSY'})
}

async function usingFile(path: string, use: (client: Client) => Promise<unknown>): Promise<void> {
  const {createClient} = await import('@libsql/client/sqlite3')
  const client = createClient({url: `file:${path}`, timeout: busyTimeoutMs})
  try {
    await use(client)
  } finally {
    client.close()
  }
}

const isName = (name: string) => name.length <= 64 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)
