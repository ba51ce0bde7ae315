import {hasCode, StratError} from '../errors.ts'

/** A migration that a database refused; nothing of its transaction stays. */
export class MigrationError extends StratError {
  readonly migration: string
  /** The statement that failed; empty where it was none in particular. */
  readonly statement: string

  constructor(migration: string, statement: string, reason: string, cause: unknown) {
    super('MIGRATION_FAILED', `${migration} failed and was rolled back: ${reason}.`, {
      suggestions: ['Mend the migration, then run the same command again.'],
      cause,
    })
    this.migration = migration
    this.statement = statement
  }
}

/** Whether it was the database that refused, as opposed to a connection that broke. Its codes: `SQLITE_…`, `SQL_…`, `ARGS_INVALID`, `BLOCKED`, … */
export function isDatabaseError(error: unknown): error is Error & {code: string} {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(SQL|ARGS_INVALID|BLOCKED)/.test(error.code)
}

/** Whether a transaction came to nothing by no fault of its statements: a reply was lost, or somebody else who waited was given the lock. */
export const isLost = (error: unknown) => ['REPLY_LOST', 'TRANSACTION_TIMEOUT', 'STREAM_EXPIRED'].some((code) => hasCode(error, code))

/** The database's own message, without the codes that the client puts in front. */
export const reasonOf = (error: Error) => error.message.replace(/^(?:SQL\w*: )+/, '').replace(/\.$/, '')
