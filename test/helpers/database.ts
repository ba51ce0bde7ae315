import {type Client, createClient} from '@libsql/client/sqlite3'

/** Lends a client on a libSQL file, as any other program would open it. */
export async function usingFile<T>(file: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = createClient({url: `file:${file}`, timeout: 5000})
  try {
    return await use(client)
  } finally {
    client.close()
  }
}

/** Runs statements on a libSQL file, one after the other. */
export const execute = (file: string, ...statements: string[]): Promise<void> =>
  usingFile(file, async (client) => {
    for (const statement of statements) await client.execute(statement)
  })

/** The rows that a query returns, as plain objects. */
export const query = (file: string, sql: string): Promise<Record<string, unknown>[]> =>
  usingFile(file, async (client) => (await client.execute(sql)).rows.map((row) => ({...row})))
