import type {DatabaseState} from '../database/inspect.ts'
import type {Applied} from './apply.ts'
import {appliedBy, type Run} from './ledger.ts'
import type {Application} from './transactions.ts'

/** What one run has tried on one database, from one reading of it to the next. */
export class Attempts {
  readonly #run: Run
  readonly #names = new Set<string>()
  readonly #undone = new Set<string>()
  readonly #uncertain = new Set<string>()
  #isUndo = false
  #stood = ''

  /** How often in a row the database was found as it was before. */
  fruitless = 0
  /** Why the last attempt came to nothing. */
  cause: unknown

  constructor(run: Run) {
    this.#run = run
  }

  /** Keeps what came of an attempt. */
  add({recordings, isUndo = false}: Pick<Application, 'recordings' | 'isUndo'>, {applied, uncertain, cause}: Applied & {again: true}): void {
    for (const {name} of recordings) this.#names.add(name)
    for (const name of isUndo ? applied : []) this.#undone.add(name)
    for (const name of isUndo ? uncertain : []) this.#uncertain.add(name)
    this.#isUndo = isUndo
    this.cause = cause
  }

  /** Keeps how the database is found. */
  find(state: DatabaseState): void {
    const standing = JSON.stringify([state.ledger, state.applied])
    this.fruitless = standing === this.#stood ? this.fruitless + 1 : 0
    this.#stood = standing
    for (const name of this.#uncertain) if (!state.ledger.includes(name)) this.#undone.add(name)
  }

  /** The migrations that this run has applied, or undone, by the time the database is found like this. */
  doneIn(state: DatabaseState, isUndo = this.#isUndo): string[] {
    return isUndo ? [...this.#undone] : appliedBy(this.#run, state)
  }

  /** Whether all that was tried is done. */
  haveSucceeded(state: DatabaseState): boolean {
    const done = this.doneIn(state)
    return this.#names.size > 0 && [...this.#names].every((name) => done.includes(name))
  }
}
