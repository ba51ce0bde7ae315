import {setFlagsFromString} from 'node:v8'
import {runInNewContext} from 'node:vm'

let isKeptFlat = false

/**
 * Keeps memory flat while this process works on a large fleet: garbage is collected before more is asked of the system. Left alone,
 * V8 lets its heap grow to ten times what is in use: 252 MB resident over 10,000 databases instead of 158 MB. It takes a tenth more of
 * the processor's time. Once for a process, however often it is called: the collection stops everything, the longer the more is in use.
 */
export function keepHeapFlat(): void {
  if (isKeptFlat) return
  isKeptFlat = true
  // V8 looks at these two whenever it decides how far the heap may grow; most other flags must be set before it starts.
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=20')
  // The first collection sets the measure for the next; by itself it would come late (20 ms). One of the last resort also takes back what the
  // young generation has grown to while strat was loaded: 20 MB less in the end.
  collectGarbage({type: 'major', flavor: 'last-resort'})
}

/**
 * Leaves out V8's last optimizer, whose work takes 5 to 15 MB and whose code stays: where the time goes into SQLite, JSON and hashes, which are
 * no JavaScript, it gains nothing that could be measured.
 */
export const optimizeLess = (): void => setFlagsFromString('--no-turbofan')

/**
 * Gives back what closed databases in memory still hold. Each lives until the statements that were prepared on it are collected, and
 * V8, which sees nothing of its size, is in no hurry: 600 of 100 tables each came to 1.2 GB.
 */
export async function releaseMemoryDatabases(): Promise<void> {
  collectGarbage()
  // The native parts go in a turn of their own.
  await new Promise((resolve) => setImmediate(resolve))
}

function collectGarbage(options?: {type: 'major'; flavor: 'last-resort'}): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')(options)
}
