import type {Client, InValue, Row} from '@libsql/client/sqlite3'

/** Somebody who was added to the organization, besides its owner. */
export type Member = {username: string; email: string; role: string}

/** Somebody who was asked to join the organization. */
export type Invite = {id: number; email: string; role: string; createdAt: string}

/** The members that the registry knows. */
export function memberRecords(client: Client) {
  const one = async (sql: string, args: InValue[]) => {
    const {rows} = await client.execute({sql, args})
    return rows[0] && toMember(rows[0])
  }
  return {
    find: (username: string) => one('SELECT * FROM members WHERE username = ?', [username]),

    async list(): Promise<Member[]> {
      return (await client.execute('SELECT * FROM members ORDER BY username')).rows.map(toMember)
    },

    /** Adds a member; undefined if it is one already. */
    add: ({username, email, role}: Member) => one('INSERT INTO members VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING *', [username, email, role]),

    setRole: (username: string, role: string) => one('UPDATE members SET role = ? WHERE username = ? RETURNING *', [role, username]),

    remove: (username: string) => one('DELETE FROM members WHERE username = ? RETURNING *', [username]),
  }
}

/** The invites that nobody has answered yet. */
export function inviteRecords(client: Client) {
  return {
    async list(): Promise<Invite[]> {
      return (await client.execute('SELECT * FROM invites ORDER BY id')).rows.map(toInvite)
    },

    /** Writes down an invite in place of an earlier one to the same address. */
    async add(email: string, role: string): Promise<void> {
      const args = [email, role, new Date().toISOString()]
      await client.execute({sql: 'INSERT OR REPLACE INTO invites (email, role, created_at) VALUES (?, ?, ?)', args})
    },

    /** Says whether there was one. */
    async remove(email: string): Promise<boolean> {
      return (await client.execute({sql: 'DELETE FROM invites WHERE email = ?', args: [email]})).rowsAffected === 1
    },
  }
}

const toMember = (row: Row): Member => ({username: String(row['username']), email: String(row['email']), role: String(row['role'])})

const toInvite = (row: Row): Invite => ({
  id: Number(row['id']),
  email: String(row['email']),
  role: String(row['role']),
  createdAt: String(row['created_at']),
})
