import {setTimeout} from 'node:timers/promises'
import {serially} from '../../serially.ts'

/** Runs what it is given one after the other. */
export type Lane = <T>(work: () => Promise<T>) => Promise<T>

/** A lane in which the next begins no sooner than `gapMs` after the answer to the one before, as GitHub asks of those who write. */
export function writeLane(gapMs: number): Lane {
  const inOrder = serially()
  let answeredAt = Number.NEGATIVE_INFINITY
  return (work) =>
    inOrder('writes', async () => {
      const waitMs = answeredAt + gapMs - performance.now()
      if (waitMs > 0) await setTimeout(waitMs)
      try {
        return await work()
      } finally {
        answeredAt = performance.now()
      }
    })
}
