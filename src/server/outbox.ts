/**
 * Collects messages and sends those of one turn of the event loop together: between processes a message costs a system call,
 * which takes longer than what most statements do.
 */
export class Outbox<T> {
  readonly #send: (messages: T[]) => void
  #waiting: T[] = []

  constructor(send: (messages: T[]) => void) {
    this.#send = send
  }

  add(message: T): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#flush())
    this.#waiting.push(message)
  }

  #flush(): void {
    const messages = this.#waiting
    this.#waiting = []
    this.#send(messages)
  }
}
