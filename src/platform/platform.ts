/** A database as the platform knows it; whether it is a strategy's, only its marker says. */
export type PlatformDatabase = {
  name: string
  /** Turso's `DbId`. A database that is destroyed and made again has another one. */
  id: string
  group: string
  /** Where `@libsql/client` opens it; never holds a token. */
  url: string
}

/**
 * One rule of a fine-grained token, in the words of Turso's `fine_grained_permissions`:
 * the `actions` are allowed on the `tables`, or on all of them where `tables` is null.
 */
export type Permission = {tables: string[] | null; actions: PermissionAction[]}

export type PermissionAction = 'data_read' | 'data_add' | 'data_update' | 'data_delete' | 'schema_add' | 'schema_update' | 'schema_delete'

export type TokenRequest = {
  /** Seconds from now until the token expires; there is no token that never does. */
  lifetimeSeconds: number
  /** What the token allows; everything, where it is left out. */
  permissions?: Permission[]
  /** Whether it only reads, whatever `permissions` say. */
  readOnly?: boolean
}

/** A database token and the instant from which it is refused. The `jwt` is a secret. */
export type DatabaseToken = {jwt: string; expiresAt: Date}

/**
 * What opens a database: `authToken` is a secret, and absent where the files are our own. `isNew`: it may have been made just now,
 * and its host may not answer yet. `renewToken` gets another token where the host refuses one that it is given; by default that is the end.
 */
export type DatabaseConnection = {
  name: string
  url: string
  authToken?: string
  isNew?: boolean
  renewToken?: (refused: string | undefined) => Promise<string>
}

/** What a database is set to. While its writes are blocked it refuses them (`BLOCKED`), whatever token they come with. */
export type DatabaseConfiguration = {deleteProtection: boolean; blockWrites: boolean}

/** How much of something is used, and how much the plan allows; null where it sets no limit. */
export type Quota = {used: number; quota: number | null}

/** What one database has used since the month began (UTC). */
export type DatabaseUsage = {name: string; rowsRead: number; rowsWritten: number; storageBytes: number}

/** What the month has cost so far, by the platform's own count. */
export type PlatformUsage = {
  plan: string
  databases: Quota
  storageBytes: Quota
  rowsRead: Quota
  rowsWritten: Quota
  perDatabase: DatabaseUsage[]
}

/**
 * What owns databases: Turso's Platform API, or a directory of files. The words are Turso's.
 * Every member that takes a name throws DATABASE_NAME_INVALID for one that Turso would refuse,
 * and DATABASE_NOT_FOUND for one that does not exist, unless it says otherwise.
 */
export interface Platform {
  /** Where the databases are, as a person would say it: for messages. */
  readonly location: string

  /** Every database in order of name, ours or not. */
  listDatabases(): Promise<PlatformDatabase[]>

  /** The database of that name, or undefined if there is none. */
  getDatabase(name: string): Promise<PlatformDatabase | undefined>

  /**
   * Makes an empty database. One that exists already is left as it is and comes back with `created: false`,
   * also when somebody else makes it at the same moment: of many calls, exactly one creates.
   */
  createDatabase(name: string): Promise<{database: PlatformDatabase; created: boolean}>

  /**
   * Makes a database that is a copy of `source` as it is now, in the group of `source`. The name must be the caller's own: where a
   * reply is lost, the database that has it by then is taken for the copy. Throws DATABASE_NOT_FOUND where `source` is gone, also where
   * another one has its name, and DATABASE_NAME_TAKEN.
   */
  forkDatabase(source: PlatformDatabase, name: string): Promise<PlatformDatabase>

  /**
   * Makes sure that the database is not protected from being deleted, as far as that can be seen beforehand.
   * Throws DATABASE_DELETE_PROTECTED while it is, or its group.
   */
  requireDeletable(database: Pick<PlatformDatabase, 'name' | 'id' | 'group'>): Promise<void>

  /**
   * Deletes a database with everything in it. One that is gone already is success, also where another one
   * has its name by now: that one stays. Throws DATABASE_DELETE_PROTECTED while it is protected.
   */
  deleteDatabase(database: Pick<PlatformDatabase, 'name' | 'id'>): Promise<void>

  /** What the database is set to. */
  readConfiguration(name: string): Promise<DatabaseConfiguration>

  /** Changes what is given of it; the rest stays as it is. */
  configureDatabase(name: string, changes: Partial<DatabaseConfiguration>): Promise<void>

  /** Mints a token that opens this database and no other. */
  createDatabaseToken(name: string, request: TokenRequest): Promise<DatabaseToken>

  /**
   * Changes the key that tokens are signed with: each token of this database that was minted before is refused from then on, for ever, and
   * for a moment its host may not answer. It may reach every token of the database's group, which only these tokens themselves can tell.
   * `unknown`: the reply was lost, and it is not asked again, because what was minted since would die. Ask a token from before.
   */
  invalidateTokens(database: Pick<PlatformDatabase, 'name' | 'group'>): Promise<'invalidated' | 'unknown'>

  /** What this month has cost, in all and per database, and what the plan allows. */
  readUsage(): Promise<PlatformUsage>

  /** What strat itself opens the database with: full access, for as long as a command takes. */
  connect(database: PlatformDatabase): Promise<DatabaseConnection>
}
