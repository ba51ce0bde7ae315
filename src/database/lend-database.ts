import type {Client, ResultSet, Transaction} from '@libsql/client'
import type {Database, Statement} from './database.ts'

/** Lends a file's client as a database, and closes it afterwards, whatever happens. Its calls count as requests. */
export async function lendDatabase<T>(name: string, client: Client, use: (database: Database) => Promise<T>): Promise<T> {
  try {
    return await use(toDatabase(name, client))
  } finally {
    client.close()
  }
}

function toDatabase(name: string, client: Client): Database {
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
    rows: null,
    read: (statements) => count(readAll(client, statements)),
    async write(statements) {
      const results = await count(client.batch(statements, 'write'))
      await foldLog(client)
      return results
    },
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
