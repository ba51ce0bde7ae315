import {StratError} from '../errors.ts'
import {withTimeout} from '../timeout.ts'
import {mopUp, watch} from './watchdog.ts'

/**
 * How long a migration's own code may take, in milliseconds. Loading and recording ask no database: what takes longer waits
 * for something that will not come. Running is what reads and writes rows.
 */
const limits = {load: 5000, record: 5000, run: 60_000}

/**
 * Runs a migration's own code, but not for ever.
 *
 * @throws StratError MIGRATION_TIMED_OUT, also for a loop that never ends, where the watchdog is started
 */
export async function withinLimit<T>(work: () => Promise<T>, migration: string, doing: keyof typeof limits, limitMs = limits[doing]): Promise<T> {
  const stop = watch(limitMs)
  const late = () => {
    mopUp()
    return new StratError('MIGRATION_TIMED_OUT', `The migration ${migration} did not ${doing} within ${limitMs / 1000} seconds.`, {
      suggestions: ['Look for a promise in it that never settles, or a loop that never ends; a migration must not wait for anything but its database.'],
    })
  }
  return withTimeout(detached(work), limitMs, late).finally(stop)
}

/** Calls work with none of our functions around it: what ends a loop ends every caller. */
const detached = <T>(work: () => Promise<T>) =>
  new Promise<T>((resolve, reject) => {
    setImmediate(() => {
      Promise.resolve().then(work).then(resolve, reject)
    })
  })
