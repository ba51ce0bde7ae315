import {type DatabaseState, requireMarker} from '../database/inspect.ts'
import type {PlatformDatabase} from '../platform/platform.ts'
import {appliedBy} from './ledger.ts'
import type {Kind} from './recordings.ts'

/** One database of a class, what of its state it does not share with the others, and how many requests it took to read it. */
export type Member = {database: PlatformDatabase; requests: number} & Pick<DatabaseState, 'latestTimestamp' | 'marker'>

/** Databases that stand alike, in kind, schema, ledger and checksums: what is found out about one of them is true of all. */
export type DatabaseClass = {
  kind: Kind
  /** As the first of them was read. */
  state: DatabaseState
  /** The migrations that the run in question has applied to them. */
  byRun: string[]
  members: Member[]
}

/** Sorts databases into classes as they are read. */
export class DatabaseClasses {
  readonly #run: {id: string}
  readonly #classes = new Map<string, DatabaseClass>()

  constructor(run: {id: string}) {
    this.#run = run
  }

  /** Every class that has members, that with the most first. */
  all(): DatabaseClass[] {
    return [...this.#classes.values()].filter(({members}) => members.length > 0).sort((a, b) => b.members.length - a.members.length)
  }

  /**
   * The class of a database that stands like this.
   *
   * @throws StratError of `requireMarker` where the database is not ours, or not whole
   */
  of(name: string, state: DatabaseState): DatabaseClass {
    const {kind} = requireMarker(name, state)
    const byRun = appliedBy(this.#run, state)
    const schema = state.schema.map(({type, name, sql}) => [type, name, sql])
    const key = JSON.stringify([kind, schema, state.ledger, state.applied.map(({name, checksum}) => [name, checksum]), byRun])
    const known = this.#classes.get(key)
    if (known) return known
    const found = {kind, state, byRun, members: []}
    this.#classes.set(key, found)
    return found
  }
}
