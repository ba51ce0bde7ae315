import {translateHttpError} from '../database/http-client.ts'
import {hasCode} from '../errors.ts'
import {translatingStorageErrors} from '../storage-error.ts'
import type {Opened} from './archiving.ts'

/** How often something is asked for whose reply was lost. */
const maxAttempts = 5

/** Whether a write may have been done, or not. */
export const isLost = (error: unknown) => hasCode(error, 'REPLY_LOST')

/**
 * Does what doing twice is doing once: after a lost reply looks what became of it, and does it again where `look` finds nothing.
 *
 * @throws what `attempt` throws; DATABASE_UNREACHABLE where replies go on being lost
 */
export async function settled<T>(database: Opened, attempt: () => Promise<T>, look: () => Promise<T | undefined>): Promise<T> {
  let wasLost = false
  for (let left = maxAttempts; ; left--) {
    try {
      return await attempt()
    } catch (error) {
      wasLost ||= isLost(error)
      // What was sent before may have arrived late, and be in the way of itself.
      const found = wasLost ? await look() : undefined
      if (found !== undefined) return found
      if (!isLost(error)) throw error
      if (left === 1) throw translateHttpError(database.name, error)
    }
  }
}

/** A database whose errors name it: of two that are open at once, the wrong one would be blamed. Only a write's lost reply passes as it is. */
export function blaming(database: Opened): Opened {
  const {name} = database
  const blame = <T>(work: () => Promise<T>, isRead: boolean) =>
    translatingStorageErrors(name, work).catch((error) => {
      throw isRead || !isLost(error) ? translateHttpError(name, error) : error
    })
  return {
    name,
    get requests() {
      return database.requests
    },
    read: (statements) => blame(() => database.read(statements), true),
    write: (statements) => blame(() => database.write(statements), false),
  }
}
