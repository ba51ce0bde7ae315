import type {ProgressReporter} from './progress.ts'
import {countText, failureText, operationClock} from './progress-text.ts'

/** Of fewer databases the answer comes soon enough. */
const smallestFleet = 20
const lineEveryMs = 30_000

/** Progress in a log: a line for each tenth of a fleet, or after 30 seconds, and one for each failure; nothing of single steps. */
export function sparseLines(stream: NodeJS.WriteStream): ProgressReporter {
  const clock = operationClock()
  let told = {tenth: 0, at: 0}
  return {
    onProgress(progress) {
      if ('failure' in progress) stream.write(`${failureText(progress.failure)}\n`)
      if (!('done' in progress) || progress.total < smallestFleet) return
      const elapsed = clock(progress)
      const now = {tenth: Math.floor((progress.done * 10) / progress.total), at: performance.now()}
      if (elapsed.isFirst) told = {tenth: 0, at: now.at}
      if (now.tenth === told.tenth && now.at - told.at < lineEveryMs) return
      told = now
      stream.write(`${countText(progress, elapsed)}\n`)
    },
    clear: () => undefined,
  }
}
