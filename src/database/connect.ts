import {existsSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {StratError} from '../errors.ts'
import type {DatabaseConnection} from '../platform/platform.ts'
import {translatingStorageErrors} from '../storage-error.ts'
import type {Database} from './database.ts'
import type {HttpOptions} from './http-database.ts'
import {lendDatabase} from './lend-database.ts'

/** How long a statement waits for another process that is writing to the same file. */
const busyTimeoutMs = 10_000

/**
 * Opens a database, a file or one behind SQL over HTTP, lends it to `use` and closes it afterwards, whatever happens.
 * What its storage or its host is at fault for leaves as a StratError.
 */
export function usingDatabase<T>(connection: DatabaseConnection, use: (database: Database) => Promise<T>, options: HttpOptions = {}): Promise<T> {
  return isFile(connection) ? usingFile(connection, use) : usingHttp(connection, use, options)
}

const isFile = ({url}: DatabaseConnection) => url.startsWith('file:')

function usingFile<T>({name, url}: DatabaseConnection, use: (database: Database) => Promise<T>): Promise<T> {
  const path = fileURLToPath(url)
  return translatingStorageErrors(path, async () => {
    // The client would make the missing file, empty and readable by everyone.
    if (!existsSync(path)) throw new StratError('DATABASE_NOT_FOUND', `The file of ${name} is gone: ${path}.`)
    const {createClient} = await import('@libsql/client/sqlite3')
    return lendDatabase(name, createClient({url, timeout: busyTimeoutMs}), use)
  })
}

function usingHttp<T>(connection: DatabaseConnection, use: (database: Database) => Promise<T>, options: HttpOptions): Promise<T> {
  return translatingStorageErrors(connection.name, async () => {
    const {usingHttpDatabase} = await import('./http-database.ts')
    return usingHttpDatabase(connection, use, options)
  })
}

/** Lends an empty database in memory, for finding out what statements do. */
export async function usingMemoryDatabase<T>(use: (database: Database) => Promise<T>): Promise<T> {
  const {createClient} = await import('@libsql/client/sqlite3')
  return lendDatabase('memory', createClient({url: ':memory:'}), use)
}
