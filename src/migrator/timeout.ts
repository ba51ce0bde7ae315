import {StratError} from '../errors.ts'
import {withTimeout} from '../timeout.ts'

/**
 * How long a migration's own code may take, in milliseconds. Loading and recording ask no database: what takes longer waits
 * for something that will not come. Running is what reads and writes rows.
 */
const limits = {load: 5000, record: 5000, run: 60_000}

/** Waits for a migration's own code, but not for ever. */
export function withinLimit<T>(work: Promise<T>, migration: string, doing: keyof typeof limits): Promise<T> {
  return withTimeout(
    work,
    limits[doing],
    () =>
      new StratError('MIGRATION_TIMED_OUT', `The migration ${migration} did not ${doing} within ${limits[doing] / 1000} seconds.`, {
        suggestions: ['Look for a promise in it that never settles; a migration must not wait for anything but its database.'],
      }),
  )
}
