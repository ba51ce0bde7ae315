import type {Client, InValue, Row} from '@libsql/client/sqlite3'
import {toList} from './local-entry.ts'
import {newSigningKey} from './local-signing-key.ts'

/** A group of databases: they share its tokens and its locations. */
export type Group = {
  name: string
  id: string
  /** Ed25519, PKCS #8 in PEM. A secret. */
  signingKey: string
  deleteProtection: boolean
  /** The location whose databases are written to; always one of the locations. */
  primary: string
  locations: string[]
}

/** The groups that the registry knows. */
export function groupRecords(client: Client) {
  const one = async (sql: string, args: InValue[]) => {
    const {rows} = await client.execute({sql, args})
    return rows[0] && toGroup(rows[0])
  }
  return {
    find: (name: string) => one('SELECT * FROM groups WHERE name = ?', [name]),

    async list(): Promise<Group[]> {
      return (await client.execute('SELECT * FROM groups ORDER BY name')).rows.map(toGroup)
    },

    /** Makes a group; undefined if there is one of that name. */
    async create(name: string, location: string): Promise<Group | undefined> {
      return one(
        `INSERT INTO groups (name, id, signing_key, created_at, primary_location, locations) VALUES (?, ?, ?, ?, ?, json_array(?))
          ON CONFLICT DO NOTHING RETURNING *`,
        [name, crypto.randomUUID(), await newSigningKey(), new Date().toISOString(), location, location],
      )
    },

    setDeleteProtection: (name: string, enabled: boolean) => one('UPDATE groups SET delete_protection = ? WHERE name = ? RETURNING *', [Number(enabled), name]),

    /** Adds a location, once; undefined if there is no such group. */
    addLocation: (name: string, location: string) =>
      one(
        `UPDATE groups SET locations = iif(?2 IN (SELECT value FROM json_each(locations)), locations, json_insert(locations, '$[#]', ?2))
          WHERE name = ?1 RETURNING *`,
        [name, location],
      ),

    removeLocation: (name: string, location: string) =>
      one(
        `UPDATE groups SET locations = (SELECT json_group_array(value) FROM json_each(groups.locations) WHERE value <> ?2)
          WHERE name = ?1 AND primary_location <> ?2 RETURNING *`,
        [name, location],
      ),

    /** Gives the group and each of its databases another signing key: every token of any of them is refused from now on. */
    async rotateSigningKeys(name: string): Promise<void> {
      const {rows} = await client.execute({sql: 'SELECT id FROM databases WHERE group_name = ?', args: [name]})
      const databases = await Promise.all(
        rows.map(async ({id}) => ({sql: 'UPDATE databases SET signing_key = ? WHERE id = ?', args: [await newSigningKey(), id ?? null]})),
      )
      await client.batch([{sql: 'UPDATE groups SET signing_key = ? WHERE name = ?', args: [await newSigningKey(), name]}, ...databases], 'write')
    },

    /** Forgets a group and the API tokens for it; says no while it has databases or is protected. */
    async forget(name: string): Promise<boolean> {
      const [, deleted] = await client.batch(
        [
          {sql: `DELETE FROM api_tokens WHERE group_name = ?1 AND ?1 IN (${deletable})`, args: [name]},
          {sql: `DELETE FROM groups WHERE name = ?1 AND name IN (${deletable})`, args: [name]},
        ],
        'write',
      )
      return deleted?.rowsAffected === 1
    },
  }
}

const deletable = 'SELECT name FROM groups WHERE delete_protection = 0 AND name NOT IN (SELECT group_name FROM databases)'

function toGroup(row: Row): Group {
  return {
    name: String(row['name']),
    id: String(row['id']),
    signingKey: String(row['signing_key']),
    deleteProtection: row['delete_protection'] === 1,
    primary: String(row['primary_location']),
    locations: toList(row['locations']),
  }
}
