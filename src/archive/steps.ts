/** What archiving consists of. */
export type Step = 'scan' | 'recover' | 'select' | 'copy' | 'verify' | 'delete' | 'seal'

/** What a step came to. */
export type StepFigures = {rows: number; ms: number; requests: number}

/** Counts what each step of a run took. */
export class Steps {
  readonly figures: Partial<Record<Step, StepFigures>> = {}
  readonly #requests: () => number

  /** @param requests how many were sent so far, to both databases */
  constructor(requests: () => number) {
    this.#requests = requests
  }

  /** Does a part of a step, over so many rows. */
  async take<T>(step: Step, rows: number | ((result: T) => number), work: () => Promise<T>): Promise<T> {
    const begin = performance.now()
    const before = this.#requests()
    const add = (count: number) => {
      const {rows: soFar, ms, requests} = this.figures[step] ?? {rows: 0, ms: 0, requests: 0}
      this.figures[step] = {rows: soFar + count, ms: ms + performance.now() - begin, requests: requests + this.#requests() - before}
    }
    try {
      const result = await work()
      add(typeof rows === 'number' ? rows : rows(result))
      return result
    } catch (error) {
      add(0)
      throw error
    }
  }
}
