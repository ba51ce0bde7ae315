import type {Database} from '../database/database.ts'
import type {Source} from './canonical.ts'
import type {Steps} from './steps.ts'

/** What archiving needs of a database. */
export type Opened = Pick<Database, 'name' | 'requests' | 'read' | 'write'>

/** What every step of archiving one strategy works with. */
export type Archiving = {
  source: Opened
  archive: Opened
  /** Whose rows are moved. */
  from: Source
  toolVersion: string
  /** How long after it was copied a batch may be deleted from the source, in milliseconds, by the source's own clock. */
  leaseMs: number
  steps: Steps
}

/** A row on its way: its number in the source, its JSON by `toRowJson`, its `row_sha256`. */
export type MovingRow = {rowid: number; id: string; symbol: string; json: string; sha256: string}

/**
 * A batch that is not sealed. `epoch`, its `copied_at`, is who owns it: each run that takes it over writes another one, and every
 * statement that changes it or rests on it names the one it knows.
 */
export type OpenBatch = {batchId: string; epoch: string; isOpen: boolean}

/** The lease of every run, five minutes: who is slower begins a batch anew. */
export const defaultLeaseMs = 5 * 60_000

/** The server's clock, as ISO 8601 in UTC with milliseconds. */
export const clock = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"

/** The instant after which nobody deletes rows on the word of an epoch any more. */
export const endOf = (epoch: string, leaseMs: number) => new Date(Date.parse(epoch) + leaseMs).toISOString()

/** A new epoch: the source's clock, later than the one before if there is one, with digits that no other run has. */
export function epochAt(now: string, before?: string): string {
  const ms = Math.max(Date.parse(now), before === undefined ? 0 : Date.parse(before) + 1)
  const digits = String(Math.floor(Math.random() * 1e6)).padStart(6, '0')
  return new Date(ms).toISOString().replace('Z', `${digits}Z`)
}
