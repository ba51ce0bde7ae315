import {StratError} from '../errors.ts'

/** Why a run may begin nothing more; undefined while it may. */
export type Limit = () => 'interrupted' | 'max-seconds' | undefined

/** The limit of a run that begins now. */
export function limitOf(signal: AbortSignal | undefined, maxSeconds = Number.POSITIVE_INFINITY): Limit {
  const endMs = performance.now() + maxSeconds * 1000
  return () => {
    if (signal?.aborted) return 'interrupted'
    return performance.now() >= endMs ? 'max-seconds' : undefined
  }
}

/**
 * For who has only read so far.
 *
 * @throws StratError INTERRUPTED, ARCHIVE_LIMIT
 */
export function requireNoLimit(limit: Limit): void {
  const reached = limit()
  if (reached === 'interrupted') throw new StratError('INTERRUPTED', 'Interrupted while its trades were read; nothing was changed.')
  if (reached) throw new StratError('ARCHIVE_LIMIT', 'The time was over while its trades were read; nothing was changed.')
}
