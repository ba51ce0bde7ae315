import {codeModule} from '../package-files.ts'

/** Shared with the watchdog's thread: how often it was told something, and the limit in milliseconds, 0 for none. */
let cell: Int32Array | undefined

/**
 * Starts the thread that ends code of a migration which gives nothing else a turn, such as `while (true) {}`: no timer of
 * ours would ever fire. Without it `watched` still works, but cannot end that.
 */
export async function startWatchdog(): Promise<void> {
  if (cell) return
  cell = new Int32Array(new SharedArrayBuffer(8))
  const {Worker} = await import('node:worker_threads')
  const resourceLimits = {maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1}
  new Worker(new URL(codeModule('migrator/watchdog-thread')), {workerData: {cell}, execArgv: [], env: {}, resourceLimits}).unref()
}

/** Begins the time that code may take; call what it returns as soon as it is over. */
export function watch(limitMs: number): () => void {
  tell(limitMs)
  return () => tell(pauseMs)
}

/**
 * Keeps the process alive after code that took too long: whatever of it still runs, and gives nothing else a turn, is ended
 * again and again until the process ends. A termination that comes while Node handles a rejection does not end the loop around it.
 */
export function mopUp(): void {
  pauseMs = turnMs
  tell(turnMs)
  setInterval(() => tell(turnMs), turnMs).unref()
}

/** The limit while no code is watched: none, until there is something to mop up. */
let pauseMs = 0

/** How often everything else gets a turn, at least, with the thread's own grace on top, in milliseconds. */
const turnMs = 50

function tell(limitMs: number): void {
  if (!cell) return
  Atomics.store(cell, 1, limitMs)
  Atomics.add(cell, 0, 1)
  Atomics.notify(cell, 0)
}
