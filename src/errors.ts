/**
 * Every code that an error of strat can carry, with the exit code of the process.
 * A code is part of the command line's contract: add, never rename. `docs/errors.md` tells the way out of each.
 *
 * Exit codes: 1 failed, 2 usage, 3 some databases of a fleet failed, 4 not authenticated, 78 bad environment or configuration, 127 unknown command, 130 interrupted.
 */
export const exitCodes = {
  ARCHIVE_ALTERED: 1,
  ARCHIVE_AMBIGUOUS: 2,
  ARCHIVE_BEHIND: 1,
  ARCHIVE_CONFLICT: 1,
  ARCHIVE_LIMIT: 1,
  ARCHIVE_MISSING: 1,
  ARCHIVE_NOT_EMPTY: 1,
  ARCHIVE_RACE: 1,
  ARCHIVE_UNDECIDED: 1,
  CANARY_FAILED: 1,
  COMMAND_UNKNOWN: 127,
  CONFIG_AMBIGUOUS: 78,
  CONFIG_INVALID: 78,
  CONFIG_SECRET: 78,
  CONFIG_UNREADABLE: 78,
  CONFIRMATION_REQUIRED: 2,
  CONFIRMATION_WRONG: 2,
  CREDENTIALS_NOT_STORED: 1,
  DATABASE_BLOCKED: 1,
  DATABASE_BUSY: 1,
  DATABASE_CORRUPT: 1,
  DATABASE_DELETE_PROTECTED: 1,
  DATABASE_FORBIDDEN: 1,
  DATABASE_GONE: 1,
  DATABASE_NAME_INVALID: 2,
  DATABASE_NAME_TAKEN: 1,
  DATABASE_NOT_FOUND: 1,
  DATABASE_NOT_READY: 1,
  DATABASE_PATH_TAKEN: 1,
  DATABASE_REFUSED: 1,
  DATABASE_TOKEN_REFUSED: 4,
  DATABASE_UNREACHABLE: 1,
  DESTROY_RACE: 1,
  ENVIRONMENT_INVALID: 78,
  EXPORT_UNTYPED: 1,
  FILE_EXISTS: 1,
  FILE_OUTSIDE_PROJECT: 78,
  GITHUB_APP_INVALID: 78,
  GITHUB_FORBIDDEN: 1,
  GITHUB_INSECURE: 78,
  GITHUB_NOT_FOUND: 1,
  GITHUB_RATE_LIMITED: 1,
  GITHUB_REFUSED: 1,
  GITHUB_REPOSITORY_INVALID: 78,
  GITHUB_REPOSITORY_REQUIRED: 78,
  GITHUB_TOKEN_REQUIRED: 4,
  GITHUB_UNAUTHENTICATED: 4,
  GITHUB_UNAVAILABLE: 1,
  GUARD_MARKET_OPEN: 1,
  GUARD_OPEN_POSITIONS: 1,
  INTERRUPTED: 130,
  KIND_WRONG: 2,
  MIGRATIONS_NOT_EJECTED: 78,
  MIGRATION_BEHIND: 2,
  MIGRATION_DUPLICATE: 78,
  MIGRATION_EDITED: 1,
  MIGRATION_FAILED: 1,
  MIGRATION_FIRST: 1,
  MIGRATION_FOLDER_EMPTY: 78,
  MIGRATION_FOLDER_MISSING: 78,
  MIGRATION_INVALID: 78,
  MIGRATION_IRREVERSIBLE: 1,
  MIGRATION_MISSING: 1,
  MIGRATION_NAME_INVALID: 78,
  MIGRATION_NOT_LAST: 1,
  MIGRATION_OUT_OF_ORDER: 1,
  MIGRATION_RACE: 1,
  MIGRATION_STATEMENT_REFUSED: 78,
  MIGRATION_TIMED_OUT: 78,
  MIGRATION_UNKNOWN: 2,
  OPEN_POSITIONS: 1,
  OUTPUT_EXISTS: 1,
  PERMISSIONS_UNKNOWN: 1,
  PLAN_FULL: 1,
  PORT_IN_USE: 1,
  REHEARSAL_FAILED: 1,
  REPORT_INCOMPLETE: 1,
  REPORT_INVALID: 1,
  REPORT_MISMATCH: 1,
  REVOCATION_RACE: 1,
  REVOCATION_UNFINISHED: 1,
  REVOCATION_UNPROVEN: 1,
  RUN_UNKNOWN: 1,
  SCHEMA_DIFFERS: 1,
  SCHEMA_DRIFTED: 1,
  SCHEMA_UNUSABLE: 1,
  SECRETS_INVALID: 1,
  SECRETS_UNWRITABLE: 1,
  SECRET_SHADOWED: 1,
  SELECTION_EMPTY: 2,
  SERVER_RUNNING: 1,
  STORAGE_FAILED: 1,
  STORAGE_FULL: 1,
  STORAGE_NEWER: 78,
  STORAGE_READ_ONLY: 1,
  STRATEGY_HAS_NO_BOT: 2,
  STRATEGY_INCOMPLETE: 1,
  STRATEGY_NAME_INVALID: 2,
  STRATEGY_NAME_REQUIRED: 2,
  STRATEGY_NAME_RESERVED: 2,
  STRATEGY_NOT_FOUND: 1,
  STRATEGY_NOT_OURS: 1,
  STRATEGY_TEMPLATE_DIFFERS: 1,
  SYMBOL_UNKNOWN: 1,
  TABLE_MISSING: 1,
  TEMPLATE_INVALID: 78,
  TEMPLATE_UNKNOWN: 2,
  TOKEN_REQUIRED: 2,
  TOKEN_TOO_WEAK: 1,
  TOKEN_UNENFORCED: 1,
  TRADES_PRESENT: 1,
  TURSO_ANSWER_INVALID: 1,
  TURSO_FORBIDDEN: 1,
  TURSO_GROUP_NOT_FOUND: 78,
  TURSO_INSECURE: 78,
  TURSO_ORGANIZATION_NOT_FOUND: 78,
  TURSO_ORGANIZATION_REQUIRED: 78,
  TURSO_PLAN_LIMIT: 1,
  TURSO_RATE_LIMITED: 1,
  TURSO_REFUSED: 1,
  TURSO_UNAUTHENTICATED: 4,
  TURSO_UNAVAILABLE: 1,
  UNEXPECTED: 1,
  USAGE: 2,
  USAGE_ABOVE_LIMIT: 1,
  WAVE_STOPPED: 1,
} as const

export type ErrorCode = keyof typeof exitCodes

export type StratErrorOptions = {
  /** What the user can do next: commands to run, or sentences. */
  suggestions?: string[]
  cause?: unknown
}

/** Something that a person can act on. Any other error that reaches a command is a bug of strat. */
export class StratError extends Error {
  override name = 'StratError'
  readonly code: ErrorCode
  readonly suggestions: string[]

  /** `message` names the thing that is wrong; it must hold no secret. */
  constructor(code: ErrorCode, message: string, {suggestions = [], cause}: StratErrorOptions = {}) {
    super(message, {cause})
    this.code = code
    this.suggestions = suggestions
  }
}

/** Whether an error of Node's or of a library carries this code. */
export const hasCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code

/** What an error says, as a part of a longer sentence: without the full stop. */
export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
