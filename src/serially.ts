/** Runs what is given for the same key one after the other, in the order of the calls. */
export type Serially = <T>(key: string, work: () => Promise<T>) => Promise<T>

/** A queue for each key; a key that nobody waits for takes no room. */
export function serially(): Serially {
  const last = new Map<string, Promise<unknown>>()
  return async (key, work) => {
    const before = last.get(key)
    const mine = (before ?? Promise.resolve()).then(work, work)
    last.set(key, mine)
    try {
      return await mine
    } finally {
      if (last.get(key) === mine) last.delete(key)
    }
  }
}
