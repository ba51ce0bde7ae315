import type {InStatement} from '@libsql/client/sqlite3'

/** What each version of the registry adds to the one before it: as many steps as its `user_version`. */
export const registrySteps = (): InStatement[][] => [
  [
    'CREATE TABLE groups (name TEXT PRIMARY KEY, id TEXT NOT NULL, signing_key TEXT NOT NULL, created_at TEXT NOT NULL)',
    `CREATE TABLE databases (
      name TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, group_name TEXT NOT NULL REFERENCES groups (name),
      signing_key TEXT NOT NULL, delete_protection INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL)`,
  ],
  [
    ...columns('groups', 'delete_protection INTEGER NOT NULL DEFAULT 0', "primary_location TEXT NOT NULL DEFAULT 'local'"),
    ...columns('groups', `locations TEXT NOT NULL DEFAULT '["local"]'`),
    ...columns('databases', 'block_reads INTEGER NOT NULL DEFAULT 0', 'block_writes INTEGER NOT NULL DEFAULT 0'),
    ...columns('databases', 'allow_attach INTEGER NOT NULL DEFAULT 0', 'size_limit INTEGER'),
    ...columns('databases', "allowed_ips TEXT NOT NULL DEFAULT '[]'", "allowed_aws_vpc_ids TEXT NOT NULL DEFAULT '[]'"),
    ...columns('databases', 'is_schema INTEGER NOT NULL DEFAULT 0', 'schema_name TEXT', 'parent_id TEXT', 'parent_name TEXT', 'branched_at TEXT'),
    // By id and kept when a database is deleted: what it used still counts, and the next of its name begins at nothing.
    `CREATE TABLE usage (
      database_id TEXT NOT NULL, month TEXT NOT NULL, rows_read INTEGER NOT NULL, rows_written INTEGER NOT NULL,
      PRIMARY KEY (database_id, month)) WITHOUT ROWID`,
    'CREATE TABLE organization (id TEXT PRIMARY KEY, plan TEXT NOT NULL, timeline TEXT NOT NULL, overages INTEGER NOT NULL, require_mfa INTEGER NOT NULL)',
    {sql: "INSERT INTO organization VALUES (?, 'local', 'monthly', 0, 0)", args: [crypto.randomUUID()]},
    'CREATE TABLE members (username TEXT PRIMARY KEY, email TEXT NOT NULL, role TEXT NOT NULL)',
    'CREATE TABLE invites (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE, role TEXT NOT NULL, created_at TEXT NOT NULL)',
    `CREATE TABLE api_tokens (
      id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL UNIQUE,
      organization TEXT, group_name TEXT, scopes TEXT, created_at TEXT NOT NULL)`,
    `CREATE TABLE audit_logs (
      id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL, message TEXT NOT NULL, origin TEXT NOT NULL,
      author TEXT NOT NULL, created_at TEXT NOT NULL, data TEXT NOT NULL)`,
  ],
]

/** SQLite adds one column a statement. */
function columns(table: string, ...definitions: string[]): string[] {
  return definitions.map((definition) => `ALTER TABLE ${table} ADD COLUMN ${definition}`)
}
