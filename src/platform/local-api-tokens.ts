import type {Client, InValue, Row} from '@libsql/client/sqlite3'
import {toList} from './local-entry.ts'

/** An API token without its value, which nobody can read again. */
export type ApiToken = {
  id: string
  name: string
  /** The organization that it is restricted to; null for all. */
  organization: string | null
  /** The group that it is restricted to, and what it may do there; null for all. */
  group: string | null
  scopes: string[] | null
  createdAt: string
}

/** The API tokens that the registry knows, by the SHA-256 of their values in hex. */
export function apiTokenRecords(client: Client) {
  const one = async (sql: string, args: InValue[]) => {
    const {rows} = await client.execute({sql, args})
    return rows[0] && toApiToken(rows[0])
  }
  return {
    findBySha256: (sha256: string) => one('SELECT * FROM api_tokens WHERE sha256 = ?', [sha256]),

    async list(): Promise<ApiToken[]> {
      return (await client.execute('SELECT * FROM api_tokens ORDER BY created_at, name')).rows.map(toApiToken)
    },

    /** Writes down a token; undefined if there is one of that name. */
    add: ({id, name, organization, group, scopes, createdAt}: ApiToken, sha256: string) =>
      one('INSERT INTO api_tokens VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING RETURNING *', [
        id,
        name,
        sha256,
        organization,
        group,
        scopes && JSON.stringify(scopes),
        createdAt,
      ]),

    revokeByName: (name: string) => one('DELETE FROM api_tokens WHERE name = ? RETURNING *', [name]),

    /** Revokes a token that is restricted to this organization. */
    revokeById: (id: string, organization: string) => one('DELETE FROM api_tokens WHERE id = ? AND organization = ? RETURNING *', [id, organization]),
  }
}

function toApiToken(row: Row): ApiToken {
  return {
    id: String(row['id']),
    name: String(row['name']),
    organization: textOrNull(row['organization']),
    group: textOrNull(row['group_name']),
    scopes: row['scopes'] === null ? null : toList(row['scopes']),
    createdAt: String(row['created_at']),
  }
}

const textOrNull = (value: unknown) => (typeof value === 'string' ? value : null)
