import type {Statement} from '../database/database.ts'
import {type DatabaseState, hasTable} from '../database/inspect.ts'
import {createMarkerTable} from '../database/marker.ts'
import type {Recording} from './migration.ts'

/** Who applies migrations: what `strat_migration` keeps of it. */
export type Run = {id: string; stratVersion: string}

/** What the ids of runs begin with that entered migrations into a ledger without executing them: there is nothing to undo. */
export const adoptedBy = 'adopt-'

/** Kysely's own DDL (`Migrator#ensureMigrationTableExists`), so that its tools can be used on the same database. */
const createLedger = 'create table "kysely_migration" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null)'

const createLock = 'create table if not exists "kysely_migration_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null)'

const insertLockRow = `insert into "kysely_migration_lock" ("id", "is_locked") values ('migration_lock', 0) on conflict do nothing`

const createApplied = `CREATE TABLE IF NOT EXISTS strat_migration (
  name TEXT PRIMARY KEY, checksum TEXT NOT NULL, run_id TEXT NOT NULL, applied_at TEXT NOT NULL, strat_version TEXT NOT NULL)`

/** Makes the ledger where there is none: of two that make it at once, the second fails. */
export const ledgerClaim = (state: DatabaseState): Statement[] => (hasTable(state, 'kysely_migration') ? [] : [statement(createLedger)])

/** Makes what else the bookkeeping needs and lacks. */
export function bookkeeping(state: DatabaseState): Statement[] {
  return [
    ...(hasTable(state, 'strat_migration') ? [] : [statement(createApplied)]),
    ...(hasTable(state, 'strat_meta') ? [] : [createMarkerTable]),
    ...(hasTable(state, 'kysely_migration_lock') ? [] : [statement(createLock), statement(insertLockRow)]),
  ]
}

/** Enters migrations into the ledger, each with its timestamp. A write that only one of several runners can do: the others fail on its key. */
export const claim = (entries: [name: string, timestamp: string][]) =>
  statement(`insert into "kysely_migration" ("name", "timestamp") values ${entries.map(() => '(?, ?)').join(', ')}`, entries.flat())

/** Takes a migration that is undone out of the ledger. */
export const unclaim = (name: string) => statement('delete from "kysely_migration" where "name" = ?', [name])

/** Keeps what was applied, by which run, and the instant before it. */
export function recordApplied(applied: Pick<Recording, 'name' | 'checksum'>[], run: Run): Statement {
  const appliedAt = new Date().toISOString()
  return statement(
    `INSERT OR REPLACE INTO strat_migration (name, checksum, run_id, applied_at, strat_version) VALUES ${applied.map(() => '(?, ?, ?, ?, ?)').join(', ')}`,
    applied.flatMap(({name, checksum}) => [name, checksum, run.id, appliedAt, run.stratVersion]),
  )
}

/** What a run has applied to a database so far. */
export const appliedBy = ({id}: Pick<Run, 'id'>, {applied}: DatabaseState): string[] => applied.filter(({runId}) => runId === id).map(({name}) => name)

/** Forgets that a run applied a migration: one row, where nobody else has undone it meanwhile, or applied it anew. */
export const forgetApplied = (name: string, runId: string) => statement('DELETE FROM strat_migration WHERE name = ? AND run_id = ?', [name, runId])

/** The last instant that a clock can tell, in milliseconds. */
const lastInstant = 8.64e15

/**
 * Timestamps for the next entries of the ledger, in ISO 8601: strictly rising and above all that is there, because Kysely orders by them.
 * Above the last instant there is none; Kysely orders equal ones by name.
 */
export function nextTimestamps({latestTimestamp}: DatabaseState, count: number): string[] {
  const first = Math.max(Date.now(), latestTimestamp + 1)
  return Array.from({length: count}, (_, index) => new Date(Math.min(first + index, lastInstant)).toISOString())
}

const statement = (sql: string, args: string[] = []): Statement => ({sql, args})
