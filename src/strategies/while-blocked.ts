import {StratError} from '../errors.ts'
import type {Platform, PlatformDatabase} from '../platform/platform.ts'

/**
 * Does what has to be done while the bot of a strategy is kept from adding trades. Where that fails it is not let go on: another run may
 * be about to delete the database, and a deletion whose reply was lost may still be carried out. So the error tells who can go on.
 *
 * @throws StratError DATABASE_GONE, and what `work` throws
 */
export async function whileBlocked<T>(platform: Pick<Platform, 'getDatabase'>, database: PlatformDatabase, work: () => Promise<T>): Promise<T> {
  const {name, id} = database
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof StratError)) throw error
    const current = await platform.getDatabase(name).catch(() => database)
    if (current?.id !== id) throw new StratError('DATABASE_GONE', `${name} was destroyed meanwhile.`, {cause: error})
    // Its bot is not kept from anything any more.
    if (error.code === 'DESTROY_RACE') throw error
    const suggestions = [
      ...error.suggestions,
      `strat destroy ${name} goes on.`,
      `strat create ${name} lets its bot go on instead, which cannot add trades now, and gives it secrets where they are gone.`,
    ]
    throw new StratError(error.code, error.message, {suggestions, cause: error})
  }
}
