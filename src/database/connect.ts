import {existsSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import type {Client, ResultSet} from '@libsql/client'
import {StratError} from '../errors.ts'
import type {DatabaseConnection} from '../platform/platform.ts'
import {translatingStorageErrors} from '../storage-error.ts'
import type {Database, Statement} from './database.ts'

/** How long a statement waits for another process that is writing to the same file. */
const busyTimeoutMs = 10_000

/** Opens a database, lends it to `use` and closes it afterwards, whatever happens. */
export function usingDatabase<T>(connection: DatabaseConnection, use: (database: Database) => Promise<T>): Promise<T> {
  return translatingStorageErrors(subjectOf(connection), async () => {
    const client = await openClient(connection)
    try {
      return await use(countRequests(connection.name, client))
    } finally {
      client.close()
    }
  })
}

/** Lends an empty database in memory, for finding out what statements do. */
export async function usingMemoryDatabase<T>(use: (database: Database) => Promise<T>): Promise<T> {
  const {createClient} = await import('@libsql/client/sqlite3')
  const client = createClient({url: ':memory:'})
  try {
    return await use(countRequests('memory', client))
  } finally {
    client.close()
  }
}

async function openClient({name, url}: DatabaseConnection): Promise<Client> {
  // The client would make the missing file, empty and readable by everyone.
  if (!existsSync(fileURLToPath(url))) throw new StratError('DATABASE_NOT_FOUND', `The file of ${name} is gone: ${fileURLToPath(url)}.`)
  const {createClient} = await import('@libsql/client/sqlite3')
  return createClient({url, timeout: busyTimeoutMs})
}

const subjectOf = ({url}: DatabaseConnection) => fileURLToPath(url)

/** After a write to a file, moves it from the write-ahead log into the file, as far as nobody else is in the way: people copy the file alone. */
async function foldLog(client: Client): Promise<void> {
  if (client.protocol === 'file') await client.execute('PRAGMA wal_checkpoint(PASSIVE)').catch(() => undefined)
}

/** A statement alone needs no transaction around it. */
async function readAll(client: Client, statements: Statement[]): Promise<ResultSet[]> {
  const [only] = statements
  return only && statements.length === 1 ? [await client.execute(only)] : client.batch(statements, 'read')
}

function countRequests(name: string, client: Client): Database {
  let requests = 0
  const count = <T>(result: Promise<T>) => {
    requests += 1
    return result
  }
  return {
    name,
    get requests() {
      return requests
    },
    read: (statements) => count(readAll(client, statements)),
    async migrate(statements) {
      const results = await count(client.migrate(statements))
      await foldLog(client)
      return results
    },
    async transaction(use) {
      const transaction = await count(client.transaction('write'))
      try {
        const result = await use({execute: (statement: Parameters<typeof transaction.execute>[0]) => count(transaction.execute(statement))})
        await count(transaction.commit())
        await foldLog(client)
        return result
      } finally {
        transaction.close()
      }
    },
  }
}
