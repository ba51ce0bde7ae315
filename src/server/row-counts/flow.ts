import type {Rank} from './edges.ts'
import {addTo, type Form, sum, unknown} from './linear-form.ts'

/** What can be seen of a run: its result rows, changes(), what total_changes() grew by, pages of counted trees, and the counters of sqlite_stmt. */
export type Observed = 'one' | 'rows' | 'changes' | 'totalChanges' | 'pages' | 'nscan' | 'naidx' | 'nsort' | 'nstep'

/** How often a jump was taken, or what else the bytecode leaves open; `once`: at most once in a run. */
export type Unknown = {rank: Rank; once: boolean}

/** The effect is more than zero only if the cause is. */
export type Implied<Value> = {effect: Value; cause: Value}

/** What is known of how often the instructions of a statement ran, in sums of unknowns (number 0 is the constant one). */
export class Flow {
  readonly unknowns: Unknown[] = [{rank: 'loop', once: true}]
  /** Sums that are zero. */
  readonly zero: Form[] = []
  /** Sums that are zero or more. */
  readonly natural: Form[] = []
  /** What happens only where something else does: a loop goes on only where it was entered. */
  readonly implied: Implied<Form>[] = []
  /** Sums that equal what is observed. */
  readonly observed = new Map<Observed, Map<number, number>>()
  readonly read = new Map<number, number>()
  readonly written = new Map<number, number>()

  newUnknown(rank: Rank, once = false): Form {
    return unknown(this.unknowns.push({rank, once}) - 1)
  }

  isZero(...terms: [form: Form, factor: number][]): void {
    const form = sum(...terms)
    if (form.size > 0) this.zero.push(form)
  }

  observe(what: Observed, form: Form, times = 1): void {
    const seen = this.observed.get(what) ?? new Map<number, number>()
    addTo(seen, form, times)
    this.observed.set(what, seen)
  }

  reads(form: Form): void {
    addTo(this.read, form, 1)
  }

  writes(form: Form): void {
    addTo(this.written, form, 1)
  }
}
