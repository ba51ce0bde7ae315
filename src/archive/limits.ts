import {StratError} from '../errors.ts'
import type {StrategyInput} from './archive-strategy.ts'
import {rowsOf, type StrategyArchived} from './fleet-result.ts'
import type {SealedLink} from './result.ts'

type Left = {maxRows: number; maxSeconds: number}

/** What is left of the limits of a run. */
export class Limits {
  readonly #endMs: number
  #rows: number

  constructor({maxRows = Number.POSITIVE_INFINITY, maxSeconds = Number.POSITIVE_INFINITY}: Pick<StrategyInput, 'maxRows' | 'maxSeconds'>) {
    this.#rows = maxRows
    this.#endMs = performance.now() + maxSeconds * 1000
  }

  /**
   * Works on a strategy with what is left, and takes off what it moved, also where it fails.
   *
   * @throws StratError ARCHIVE_LIMIT where nothing is left
   */
  async taking(sealed: SealedLink[] = [], work: (left: Left, sealed: SealedLink[]) => Promise<StrategyArchived>): Promise<StrategyArchived> {
    const maxSeconds = (this.#endMs - performance.now()) / 1000
    if (this.#rows <= 0 || maxSeconds <= 0) {
      throw new StratError('ARCHIVE_LIMIT', 'The limit of the run was reached before its turn came; nothing was changed.')
    }
    const strategy = await work({maxRows: this.#rows, maxSeconds}, sealed).catch((error) => {
      this.#rows -= rowsOf(sealed)
      throw error
    })
    this.#rows -= strategy.moved + strategy.ready
    return strategy
  }
}
