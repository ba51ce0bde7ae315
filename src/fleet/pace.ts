/** How many databases are worked on at once; `start` of them until the first success or refusal says more. */
export type PaceOptions = {start: number; most: number}

/** On this machine more at once is no faster: a file's statements keep the process busy. Elsewhere most of the time is waiting. */
export function paceOf({isLocal, concurrency}: {isLocal: boolean; concurrency: number | null}): PaceOptions {
  if (isLocal) return {start: 4, most: concurrency ?? 4}
  return {start: concurrency ?? 32, most: concurrency ?? 64}
}

/**
 * How many databases of a fleet are worked on at once. Each success raises the number a little, each refusal for too many requests
 * halves it, for all of them (the rule of TCP: additive increase, multiplicative decrease), and lets nobody begin before the server's
 * `Retry-After` has passed, unless that is longer than anybody waits.
 */
export class Pace {
  readonly #most: number
  #width: number
  #pausedUntil = 0
  #loweredAt = Number.NEGATIVE_INFINITY

  constructor({start, most}: PaceOptions) {
    this.#most = most
    this.#width = Math.min(start, most)
  }

  /** How many may be under way now. */
  get width(): number {
    return Math.floor(this.#width)
  }

  /** For how many milliseconds nobody may begin. */
  get pauseMs(): number {
    return Math.max(0, this.#pausedUntil - performance.now())
  }

  /** One went well. */
  succeeded(): void {
    this.#width = Math.min(this.#most, this.#width + 1 / this.#width)
  }

  /** A server takes no more requests for now. Of many that hear so at about the same time, one lowers the number. */
  refused(retryAfterMs: number): void {
    const now = performance.now()
    if (retryAfterMs <= longestPauseMs) this.#pausedUntil = Math.max(this.#pausedUntil, now + retryAfterMs)
    if (now - this.#loweredAt < quietMs) return
    this.#loweredAt = now
    this.#width = Math.max(1, this.#width / 2)
  }
}

/** The requests that were under way at a refusal are refused as well within this time, which says nothing new. */
const quietMs = 500

/** In milliseconds. Requests wait as long before they are given up; a fleet that waited for hours would only fail later. */
const longestPauseMs = 60_000
