/** What Turso calls a database's configuration. `sizeLimit` is in bytes; null is no limit. */
export type DatabaseSettings = {
  deleteProtection: boolean
  blockReads: boolean
  blockWrites: boolean
  allowAttach: boolean
  sizeLimit: number | null
  allowedIps: string[]
  allowedAwsVpcIds: string[]
}

/** Settings to change; what is undefined stays as it is. */
export type SettingChanges = {[Key in keyof DatabaseSettings]?: DatabaseSettings[Key] | undefined}

/** What is known of a database from the moment it is made. */
export type DatabaseOrigin = {
  group: string
  sizeLimit?: number | null
  isSchema?: boolean
  /** The schema database that this one follows. */
  schema?: string | null
  /** The database that this one was forked from. */
  parent?: {id: string; name: string} | null
}

/** What the local platform remembers of one database, besides its file. */
export type RegistryEntry = DatabaseSettings & {
  name: string
  id: string
  group: string
  /** Ed25519, PKCS #8 in PEM. A secret. */
  signingKey: string
  createdAt: string
  isSchema: boolean
  schema: string | null
  parent: {id: string; name: string; branchedAt: string} | null
}

/** What decides whether a request may use a database. Both keys are secrets. */
export type DatabaseAccess = {
  id: string
  groupId: string
  signingKey: string
  groupSigningKey: string
  blockReads: boolean
  blockWrites: boolean
  sizeLimit: number | null
}

type Columns = Record<string, unknown>

/** A database's row, as the rest of strat speaks of it. */
export function toEntry(row: Columns): RegistryEntry {
  return {
    name: String(row['name']),
    id: String(row['id']),
    group: String(row['group_name']),
    signingKey: String(row['signing_key']),
    createdAt: String(row['created_at']),
    deleteProtection: row['delete_protection'] === 1,
    blockReads: row['block_reads'] === 1,
    blockWrites: row['block_writes'] === 1,
    allowAttach: row['allow_attach'] === 1,
    sizeLimit: numberOrNull(row['size_limit']),
    allowedIps: toList(row['allowed_ips']),
    allowedAwsVpcIds: toList(row['allowed_aws_vpc_ids']),
    isSchema: row['is_schema'] === 1,
    schema: textOrNull(row['schema_name']),
    parent: row['parent_id'] ? {id: String(row['parent_id']), name: String(row['parent_name']), branchedAt: String(row['branched_at'])} : null,
  }
}

/** The row of `access`, as the rest of strat speaks of it. */
export function toAccess(row: Columns): DatabaseAccess {
  return {
    id: String(row['id']),
    groupId: String(row['group_id']),
    signingKey: String(row['signing_key']),
    groupSigningKey: String(row['group_signing_key']),
    blockReads: row['block_reads'] === 1,
    blockWrites: row['block_writes'] === 1,
    sizeLimit: numberOrNull(row['size_limit']),
  }
}

/** A column that holds a JSON array of texts. */
export const toList = (value: unknown): string[] => JSON.parse(String(value ?? '[]'))

const numberOrNull = (value: unknown) => (typeof value === 'number' ? value : null)
const textOrNull = (value: unknown) => (typeof value === 'string' ? value : null)
