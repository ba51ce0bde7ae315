import {StratError} from '../errors.ts'

/** A migration only describes its SQL here, no database is asked: what takes this long waits for something that will not come. */
const limitMs = 5000

/** Waits for a migration's own code, but not for ever. */
export async function withTimeout<T>(work: Promise<T>, migration: string, doing: 'load' | 'record'): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new StratError('MIGRATION_TIMED_OUT', `The migration ${migration} did not ${doing} within ${limitMs / 1000} seconds.`, {
          suggestions: ['Look for a promise in it that never settles; a migration must not wait for anything but its database.'],
        }),
      )
    }, limitMs)
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}
