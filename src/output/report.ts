import type {Table} from './usage-tables.ts'

/** What a command prints of a run over a fleet: the table is the answer, all else is for a person. */
export type Report = {
  table: Table
  /** Each with what helps to mend it. */
  warnings: {warning: string; hints: string[]}[]
  next: string[]
}
