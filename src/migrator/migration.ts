import type {Kysely} from 'kysely'
import type {Statement} from '../database/database.ts'

/** A migration as its file exports it: Kysely's own form. */
export type Migration = {
  /** The file's name without its extension, by which the ledger knows it. */
  name: string
  up(db: Kysely<unknown>): Promise<void>
  down?(db: Kysely<unknown>): Promise<void>
}

/** What a migration does, found out without a database. */
export type Recording = {
  name: string
  /** SHA-256 in hex over what was recorded; an executed migration must keep it. */
  checksum: string
} & (
  | {mode: 'atomic'; statements: Statement[]}
  /** It reads, or its SQL differs each time: it runs on one database at a time, in one write transaction. */
  | {mode: 'interactive'; reason: string; up: Migration['up']}
)
