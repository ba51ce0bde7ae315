import type {Statement} from '../database/database.ts'
import {destroyingTrigger} from '../database/inspect.ts'

/** The tables that a bot adds rows to which must not be lost. */
export const botTables = ['trade_logs', 'active_positions'] as const

/** Keeps a bot from adding rows to a table while its strategy is destroyed; rows can still be taken out of it. */
export const block = (table: string): Statement => ({
  sql: `CREATE TRIGGER IF NOT EXISTS ${destroyingTrigger}${table} BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'this strategy is being destroyed'); END`,
  args: [],
})

/** Lets a bot add rows again. */
export const unblockBot = (): Statement[] => botTables.map(unblock)

const unblock = (table: string): Statement => ({sql: `DROP TRIGGER IF EXISTS ${destroyingTrigger}${table}`, args: []})

/** Finds a row for each of these tables to which a bot is kept from adding rows. */
export const selectBlocked = (tables: readonly string[]): Statement => ({
  sql: "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name IN (SELECT ? || value FROM json_each(?))",
  args: [destroyingTrigger, JSON.stringify(tables)],
})
