import {join} from 'node:path'
import {createClient} from '@libsql/client/http'
import {localPlatform} from '../src/platform/local.ts'
import type {Desk} from './archive.ts'

/** How many milliseconds a script takes for a row that reads all, and then inserts each into the one database and deletes it from the other. */
export async function rowByRow({folder, dev, sample, copies}: Desk): Promise<number> {
  const platform = localPlatform({directory: join(folder, '.strat'), group: 'default'})
  const open = async (name: string) => {
    const {jwt} = await platform.createDatabaseToken(name, {lifetimeSeconds: 3600})
    return createClient({url: `${dev.url}/dev/${name}/`, authToken: jwt})
  }
  const [source, archive] = [await open(sample), await open(copies)]
  const start = performance.now()
  const {rows} = await source.execute('SELECT * FROM trade_logs')
  for (const row of rows) {
    await archive.execute({sql: 'INSERT INTO trade_logs VALUES (?, ?, ?, ?, ?, ?, ?, ?)', args: [...Array(8).keys()].map((column) => row[column] ?? null)})
    await source.execute({sql: 'DELETE FROM trade_logs WHERE id = ?', args: [row['id'] ?? null]})
  }
  const ms = performance.now() - start
  source.close()
  archive.close()
  return ms / rows.length
}
