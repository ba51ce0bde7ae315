import type {Client} from '@libsql/client/sqlite3'

/** Something that was done through the Platform API. */
export type AuditEntry = {
  code: AuditCode
  message: string
  origin: 'cli' | 'web'
  author: string
  createdAt: string
  data: Record<string, unknown>
}

/** Those of Turso's codes that a local platform has a use for. */
export type AuditCode =
  | 'db-create'
  | 'db-delete'
  | 'db-protect'
  | 'db-unprotect'
  | 'db-token-create'
  | 'group-create'
  | 'group-delete'
  | 'group-protect'
  | 'group-unprotect'
  | 'group-token-create'
  | 'group-unarchive'
  | 'instance-create'
  | 'instance-delete'
  | 'org-member-add'
  | 'org-member-rm'
  | 'org-plan-update'
  | 'org-set-overages'
  | 'user-token-create'

/** How many entries are kept; older ones are forgotten. */
const kept = 10_000

/** What was done through the Platform API, the newest first. */
export function auditLogRecords(client: Client) {
  return {
    async add({code, message, origin, author, createdAt, data}: AuditEntry): Promise<void> {
      await client.batch(
        [
          {
            sql: 'INSERT INTO audit_logs (code, message, origin, author, created_at, data) VALUES (?, ?, ?, ?, ?, ?)',
            args: [code, message, origin, author, createdAt, JSON.stringify(data)],
          },
          {sql: 'DELETE FROM audit_logs WHERE id <= (SELECT max(id) FROM audit_logs) - ?', args: [kept]},
        ],
        'write',
      )
    },

    async page(page: number, pageSize: number): Promise<{entries: AuditEntry[]; total: number}> {
      const [counted, found] = await client.batch(
        [
          'SELECT count(*) AS total FROM audit_logs',
          {sql: 'SELECT * FROM audit_logs ORDER BY id DESC LIMIT ? OFFSET ?', args: [pageSize, (page - 1) * pageSize]},
        ],
        'read',
      )
      return {entries: (found?.rows ?? []).map(toEntry), total: Number(counted?.rows[0]?.['total'])}
    },
  }
}

function toEntry(row: Record<string, unknown>): AuditEntry {
  return {
    code: row['code'] as AuditCode,
    message: String(row['message']),
    origin: row['origin'] === 'cli' ? 'cli' : 'web',
    author: String(row['author']),
    createdAt: String(row['created_at']),
    data: JSON.parse(String(row['data'])),
  }
}
