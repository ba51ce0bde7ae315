import {StratError} from '../errors.ts'
import type {MigrationError} from './migration-error.ts'

const longestStatement = 300

/** The REHEARSAL_FAILED of a migration that a database refused while it was only tried; `where` begins the sentence. */
export function rehearsalFailed(where: string, error: MigrationError): StratError {
  const statement = error.statement.replace(/\s+/g, ' ')
  const shown = statement.length > longestStatement ? `${statement.slice(0, longestStatement)}…` : statement
  return new StratError('REHEARSAL_FAILED', `${where}, ${error.message}${shown && ` Statement: ${shown}`}`, {
    suggestions: ['Mend the migration, then run the same command again: no database of the fleet was touched.'],
    cause: error,
  })
}
