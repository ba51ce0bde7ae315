import {setImmediate} from 'node:timers/promises'
import {StratError} from '../errors.ts'

/** Tells why a run may begin nothing more; undefined while it may. */
export type Limit = () => Promise<'interrupted' | 'max-seconds' | undefined>

/** The limit of a run that begins now. */
export function limitOf(signal: AbortSignal | undefined, maxSeconds = Number.POSITIVE_INFINITY): Limit {
  const endMs = performance.now() + maxSeconds * 1000
  return async () => {
    // Files are read and written, and trades planned, within one turn of the event loop; signals are heard of between two.
    await setImmediate()
    if (signal?.aborted) return 'interrupted'
    return performance.now() >= endMs ? 'max-seconds' : undefined
  }
}

/**
 * For who has only read so far.
 *
 * @throws StratError INTERRUPTED, ARCHIVE_LIMIT
 */
export async function requireNoLimit(limit: Limit): Promise<void> {
  const reached = await limit()
  if (reached === 'interrupted') throw new StratError('INTERRUPTED', 'Interrupted while its trades were read; nothing was changed.')
  if (reached) throw new StratError('ARCHIVE_LIMIT', 'The time was over while its trades were read; nothing was changed.')
}
