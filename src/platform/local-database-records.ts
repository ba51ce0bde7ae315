import type {Client, InValue} from '@libsql/client/sqlite3'
import {type DatabaseAccess, type DatabaseOrigin, type DatabaseSettings, type RegistryEntry, type SettingChanges, toAccess, toEntry} from './local-entry.ts'
import {newSigningKey} from './local-signing-key.ts'

const settingColumns = {
  deleteProtection: 'delete_protection',
  blockReads: 'block_reads',
  blockWrites: 'block_writes',
  allowAttach: 'allow_attach',
  sizeLimit: 'size_limit',
  allowedIps: 'allowed_ips',
  allowedAwsVpcIds: 'allowed_aws_vpc_ids',
} satisfies Record<keyof DatabaseSettings, string>

/** The databases that the registry knows. */
export function databaseRecords(client: Client) {
  const one = async (sql: string, args: InValue[]) => {
    const {rows} = await client.execute({sql, args})
    return rows[0] && toEntry(rows[0])
  }
  return {
    find: (name: string) => one('SELECT * FROM databases WHERE name = ?', [name]),

    async list(): Promise<RegistryEntry[]> {
      return (await client.execute('SELECT * FROM databases')).rows.map(toEntry)
    },

    /** Gives a database its id, its group and its signing key. Of several processes that do it at once, the first one's stay. */
    register: (name: string, group: string) => register(client, name, {group}, 'DO NOTHING'),

    /** The same by whoever made the file: its group and the rest of its origin win over those of a process that only found the file. */
    registerCreated: (name: string, origin: DatabaseOrigin) => register(client, name, origin, takeOrigin),

    /** Changes what is given of a database's settings; undefined if there is no database of that id any more. */
    async configure(id: string, settings: SettingChanges): Promise<RegistryEntry | undefined> {
      const changes = Object.entries(settingColumns).flatMap(([key, column]) => {
        const value = settings[key as keyof DatabaseSettings]
        return value === undefined ? [] : [{column, value: toValue(value)}]
      })
      if (changes.length === 0) return one('SELECT * FROM databases WHERE id = ?', [id])
      const set = changes.map(({column}) => `${column} = ?`).join(', ')
      return one(`UPDATE databases SET ${set} WHERE id = ? RETURNING *`, [...changes.map(({value}) => value), id])
    },

    /** Gives a database another signing key: every token that was signed with the old one is refused from now on. */
    async rotateSigningKey(id: string): Promise<void> {
      await client.execute({sql: 'UPDATE databases SET signing_key = ? WHERE id = ?', args: [await newSigningKey(), id]})
    },

    /** Whether a database, or its group, is protected from deletion. */
    async isProtected(id: string): Promise<boolean> {
      return (await client.execute({sql: `SELECT 1 FROM databases WHERE id = ? AND ${isProtected}`, args: [id]})).rows.length > 0
    },

    /** Forgets one database, by its id, because another may have taken the name since; says no if it, or its group, is protected. */
    async forget(id: string): Promise<boolean> {
      return (await client.execute({sql: `DELETE FROM databases WHERE id = ? AND NOT ${isProtected}`, args: [id]})).rowsAffected === 1
    },

    /** Forgets a database whose file is gone, protected or not. */
    async forgetMissing(id: string): Promise<void> {
      await client.execute({sql: 'DELETE FROM databases WHERE id = ?', args: [id]})
    },

    /** What decides whether a request may use the database of that name; undefined if it is not registered (yet). */
    async access(name: string): Promise<DatabaseAccess | undefined> {
      const {rows} = await client.execute({sql: selectAccess, args: [name]})
      return rows[0] && toAccess(rows[0])
    },
  }
}

const isProtected = '(delete_protection = 1 OR group_name IN (SELECT name FROM groups WHERE delete_protection = 1))'

const selectAccess = `SELECT databases.id, groups.id AS group_id, databases.signing_key, groups.signing_key AS group_signing_key,
  block_reads, block_writes, size_limit FROM databases JOIN groups ON groups.name = group_name WHERE databases.name = ?`

const takeOrigin = `DO UPDATE SET group_name = excluded.group_name, size_limit = excluded.size_limit, is_schema = excluded.is_schema,
  schema_name = excluded.schema_name, parent_id = excluded.parent_id, parent_name = excluded.parent_name, branched_at = excluded.branched_at`

async function register(client: Client, name: string, origin: DatabaseOrigin, onConflict: string): Promise<RegistryEntry> {
  const {group, sizeLimit = null, isSchema = false, schema = null, parent = null} = origin
  const now = new Date().toISOString()
  const branchedAt = parent && now
  const [groupKey, signingKey] = [await newSigningKey(), await newSigningKey()]
  const [, , found] = await client.batch(
    [
      {
        sql: 'INSERT INTO groups (name, id, signing_key, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
        args: [group, crypto.randomUUID(), groupKey, now],
      },
      {
        sql: `INSERT INTO databases (name, id, group_name, signing_key, created_at, size_limit, is_schema, schema_name, parent_id, parent_name, branched_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) ${onConflict}`,
        args: [name, crypto.randomUUID(), group, signingKey, now, sizeLimit, Number(isSchema), schema, parent?.id ?? null, parent?.name ?? null, branchedAt],
      },
      {sql: 'SELECT * FROM databases WHERE name = ?', args: [name]},
    ],
    'write',
  )
  return toEntry(found?.rows[0] ?? {})
}

const toValue = (value: boolean | number | string[] | null) =>
  Array.isArray(value) ? JSON.stringify(value) : typeof value === 'boolean' ? Number(value) : value
