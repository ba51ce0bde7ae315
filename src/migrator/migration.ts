import type {Kysely} from 'kysely'
import type {Statement} from '../database/database.ts'

/** An `up` or a `down`. */
export type Procedure = (db: Kysely<unknown>) => Promise<void>

/** A migration as its file exports it: Kysely's own form, and what `strat` asks besides. */
export type Migration = {
  /** The file's name without its extension, by which the ledger knows it. */
  name: string
  up: Procedure
  down?: Procedure
  /** Whether a protected strategy may be migrated while it has open positions. */
  safeWithOpenPositions: boolean
}

/** What a migration does, found out without a database. */
export type Recording = Omit<Migration, 'up'> & {
  /** SHA-256 in hex over what was recorded; an executed migration must keep it. */
  checksum: string
} & (
    | {mode: 'atomic'; statements: Statement[]}
    /** It reads, or its SQL differs each time: it runs on one database at a time, in one write transaction. */
    | {mode: 'interactive'; reason: string; up: Procedure}
  )

/** What the `down` of a migration does, found out without a database. */
export type RecordedDown = {mode: 'atomic'; statements: Statement[]} | {mode: 'interactive'; reason: string; down: Procedure}
