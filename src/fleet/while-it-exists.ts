import {StratError} from '../errors.ts'
import type {Platform, PlatformDatabase} from '../platform/platform.ts'

/** What the host of a database says that may be gone. */
const signs = ['DATABASE_NOT_FOUND', 'DATABASE_TOKEN_REFUSED']

/**
 * Works on a database that was listed a while ago. Where that fails, and the platform has it no more, somebody destroyed it
 * meanwhile, which is no failure of the run.
 *
 * @throws StratError DATABASE_GONE, and what `work` throws
 */
export async function whileItExists<T>(platform: Pick<Platform, 'getDatabase'>, {name, id}: PlatformDatabase, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof StratError) || !signs.includes(error.code)) throw error
    const current = await platform.getDatabase(name)
    if (current?.id === id) throw error
    throw new StratError('DATABASE_GONE', `${name} was destroyed meanwhile.`, {suggestions: ['strat list shows what is there now.'], cause: error})
  }
}
