import {existsSync} from 'node:fs'
import {open} from 'node:fs/promises'
import {pathToFileURL} from 'node:url'
import type {Client} from '@libsql/client/sqlite3'
import {StratError} from '../errors.ts'

/** What the local platform remembers of one database, besides its file. */
export type RegistryEntry = {
  name: string
  id: string
  group: string
  /** Ed25519, PKCS #8 in PEM. A secret. */
  signingKey: string
  deleteProtection: boolean
  createdAt: string
}

/** Rises with every change of the tables below; a directory of a newer strat is refused. */
const version = 1

const schema = [
  'CREATE TABLE IF NOT EXISTS groups (name TEXT PRIMARY KEY, id TEXT NOT NULL, signing_key TEXT NOT NULL, created_at TEXT NOT NULL)',
  `CREATE TABLE IF NOT EXISTS databases (
    name TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, group_name TEXT NOT NULL REFERENCES groups (name),
    signing_key TEXT NOT NULL, delete_protection INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL)`,
  `PRAGMA user_version = ${version}`,
]

/** How long one process waits for another that is writing. */
export const busyTimeoutMs = 10_000

/** Lends the registry, a libSQL file that several processes use at once, and closes it afterwards. */
export async function usingRegistry<T>(file: string, use: (registry: Registry) => Promise<T>): Promise<T> {
  const {createClient} = await import('@libsql/client/sqlite3')
  if (!existsSync(file)) await (await open(file, 'a', 0o600)).close()
  const client = createClient({url: pathToFileURL(file).href, timeout: busyTimeoutMs})
  try {
    await prepareRegistry(client, file)
    return await use(new Registry(client))
  } finally {
    client.close()
  }
}

async function prepareRegistry(client: Client, file: string): Promise<void> {
  const {rows} = await client.execute('PRAGMA user_version')
  const found = Number(rows[0]?.['user_version'])
  if (found === version) return
  if (found > version) {
    throw new StratError('STORAGE_NEWER', `${file} was made by a newer version of strat (format ${found}, this one reads ${version}).`, {
      suggestions: ['Update strat: npm install strat-cli@latest'],
    })
  }
  await client.batch(schema, 'write')
}

export class Registry {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  async find(name: string): Promise<RegistryEntry | undefined> {
    const {rows} = await this.#client.execute({sql: 'SELECT * FROM databases WHERE name = ?', args: [name]})
    return rows[0] && toEntry(rows[0])
  }

  async list(): Promise<RegistryEntry[]> {
    const {rows} = await this.#client.execute('SELECT * FROM databases')
    return rows.map(toEntry)
  }

  /** Gives a database its id, its group and its signing key. Of several processes that do it at once, the first one's stay. */
  async register(name: string, group: string): Promise<RegistryEntry> {
    const createdAt = new Date().toISOString()
    // Only here, because loading it takes 4 ms of each start.
    const {generateKeyPairSync, randomUUID} = await import('node:crypto')
    const newSigningKey = () => generateKeyPairSync('ed25519').privateKey.export({type: 'pkcs8', format: 'pem'}).toString()
    const [, , found] = await this.#client.batch(
      [
        {sql: 'INSERT INTO groups VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING', args: [group, randomUUID(), newSigningKey(), createdAt]},
        {
          sql: 'INSERT INTO databases VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING',
          args: [name, randomUUID(), group, newSigningKey(), createdAt],
        },
        {sql: 'SELECT * FROM databases WHERE name = ?', args: [name]},
      ],
      'write',
    )
    return toEntry(found?.rows[0] ?? {})
  }

  async setDeleteProtection(name: string, enabled: boolean): Promise<void> {
    await this.#client.execute({sql: 'UPDATE databases SET delete_protection = ? WHERE name = ?', args: [enabled ? 1 : 0, name]})
  }

  /** Forgets one database; by its id, because another may have taken the name since. */
  async forget(id: string): Promise<void> {
    await this.#client.execute({sql: 'DELETE FROM databases WHERE id = ?', args: [id]})
  }
}

function toEntry(row: Record<string, unknown>): RegistryEntry {
  return {
    name: String(row['name']),
    id: String(row['id']),
    group: String(row['group_name']),
    signingKey: String(row['signing_key']),
    deleteProtection: row['delete_protection'] === 1,
    createdAt: String(row['created_at']),
  }
}
