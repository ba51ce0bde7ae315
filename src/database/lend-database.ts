import type {Client, ResultSet, Transaction} from '@libsql/client'
import type {Database, Statement} from './database.ts'

/** What a client has sent. A file's calls are counted here, the requests of an HTTP client where they are sent. */
export type Sent = {requests: number}

type LendOptions = {
  sent?: Sent
  /** Does a reading, more than once where it does not come through. */
  reading?: <R>(work: () => Promise<R>) => Promise<R>
}

/** Lends a client as a database, and closes it afterwards, whatever happens. */
export async function lendDatabase<T>(name: string, client: Client, use: (database: Database) => Promise<T>, options: LendOptions = {}): Promise<T> {
  try {
    return await use(toDatabase(name, client, options))
  } finally {
    client.close()
  }
}

function toDatabase(name: string, client: Client, {sent = {requests: 0}, reading = (work) => work()}: LendOptions): Database {
  const count = <T>(result: Promise<T>) => {
    if (client.protocol !== 'http') sent.requests += 1
    return result
  }
  return {
    name,
    get requests() {
      return sent.requests
    },
    read: (statements) => reading(() => count(readAll(client, statements))),
    async migrate(statements) {
      const results = await count(client.migrate(statements))
      await foldLog(client)
      return results
    },
    async transaction(use) {
      const transaction = await count(client.transaction('write'))
      try {
        const result = await use({execute: (statement: Parameters<Transaction['execute']>[0]) => count(transaction.execute(statement))})
        await count(transaction.commit())
        await foldLog(client)
        return result
      } catch (error) {
        // Told at once: a server gives the lock back only after seconds.
        await transaction.rollback().catch(() => undefined)
        throw error
      } finally {
        transaction.close()
      }
    },
  }
}

/** A statement alone needs no transaction around it. */
async function readAll(client: Client, statements: Statement[]): Promise<ResultSet[]> {
  const [only] = statements
  return only && statements.length === 1 ? [await client.execute(only)] : client.batch(statements, 'read')
}

/** After a write to a file, moves it from the write-ahead log into the file, as far as nobody else is in the way: people copy the file alone. */
async function foldLog(client: Client): Promise<void> {
  if (client.protocol === 'file') await client.execute('PRAGMA wal_checkpoint(PASSIVE)').catch(() => undefined)
}
