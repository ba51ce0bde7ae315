/**
 * Lends a signal that the first Ctrl-C (or a job's cancellation) aborts: what is under way is finished, what waits is not begun.
 * A second one ends the process at once, which leaves no database half done.
 */
export async function interruptible<T>(onInterrupt: () => void, use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const interrupt = () => {
    if (controller.signal.aborted) endAtOnce()
    onInterrupt()
    controller.abort()
  }
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.on(signal, interrupt)
  try {
    return await use(controller.signal)
  } finally {
    for (const signal of signals) process.off(signal, interrupt)
  }
}

function endAtOnce(): never {
  // One of them takes any end that is not ours for that of a user's file.
  process.removeAllListeners('exit')
  process.exit(130)
}
