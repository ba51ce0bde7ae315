import {setTimeout} from 'node:timers/promises'

export type Patience = {
  /** How long after the first attempt another one is still begun, in milliseconds. */
  patienceMs: number
  /** How long the server asked us to wait, in milliseconds. */
  retryAfterMs?: number
}

/** A failure after which the same request may be sent again: it was certainly not executed, or doing it twice is doing it once. */
export class Retryable extends Error {
  readonly reason: Error
  readonly patienceMs: number
  readonly retryAfterMs: number

  constructor(reason: Error, {patienceMs, retryAfterMs = 0}: Patience) {
    super(reason.message)
    this.reason = reason
    this.patienceMs = patienceMs
    this.retryAfterMs = retryAfterMs
  }
}

/** Repeats `work` while it throws `Retryable` and the patience lasts, at growing distances with jitter, then throws the reason. */
export async function retrying<T>(work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Retryable)) throw error
      const delayMs = Math.max(error.retryAfterMs, backOffMs(attempt))
      // Waiting for what will be given up anyway helps nobody.
      if (performance.now() - start + delayMs > error.patienceMs) throw error.reason
      await setTimeout(delayMs)
    }
  }
}

const backOffMs = (attempt: number) => Math.min(2000, 100 * 2 ** attempt) * (0.5 + Math.random() / 2)

/** How many milliseconds a `Retry-After` header asks to wait, in seconds or as a date; 0 where there is none, or none that can be read. */
export function retryAfterMsOf(text: string | null | undefined): number {
  if (!text) return 0
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : 0
}
