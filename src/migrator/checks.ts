import type {Statement} from '../database/database.ts'
import {bookkeepingTables, type DatabaseState, ownSchema, schemaFilter} from '../database/inspect.ts'
import type {Marker} from '../database/marker.ts'

// Statements that fail, and so roll back the transaction that they stand in, unless something is as it should be. No statement
// of SQLite's fails on a condition outside of triggers; a JSON path that is none does, and its text is in the message.
const failWith = (text: string) => `SELECT json_extract('[1]', (${text}))`

const changed = 'not as it was read'
const positions = 'open positions: '

/** The ledger must hold as many migrations as it did when it was read, with those that were claimed since, or without those that were taken out. */
export const ledgerIsAsRead = (names: string[]): Statement => ({
  sql: failWith(`SELECT '${changed}' WHERE (SELECT count(*) FROM kysely_migration) <> json_array_length(?1)
    OR EXISTS (SELECT 1 FROM json_each(?1) AS should WHERE should.value NOT IN (SELECT name FROM kysely_migration))`),
  args: [JSON.stringify(names)],
})

/** The tables, indexes, views and triggers must be those that were read: for others nobody has rehearsed anything. */
export function schemaIsAsRead(state: DatabaseState): Statement {
  const schema = ownSchema(state).map(({type, name, sql}) => [type, name, sql])
  const own = `${schemaFilter} AND name NOT IN (${bookkeepingTables.map((name) => `'${name}'`).join(', ')})`
  return {
    sql: failWith(`SELECT '${changed}' WHERE (SELECT count(*) FROM sqlite_schema WHERE ${own}) <> json_array_length(?1)
      OR EXISTS (SELECT 1 FROM json_each(?1) AS should WHERE NOT EXISTS (SELECT 1 FROM sqlite_schema AS object
        WHERE object.type = should.value ->> 0 AND object.name = should.value ->> 1 AND object.sql = should.value ->> 2))`),
    args: [JSON.stringify(schema)],
  }
}

/** The marker must be the one that was read: a database that was destroyed and made again under the same name has another. */
export const markerIsAsRead = ({strategy, kind, createdAt}: Marker): Statement => ({
  sql: failWith(`SELECT '${changed}' WHERE NOT EXISTS (SELECT 1 FROM strat_meta WHERE strategy = ? AND kind = ? AND created_at = ?)`),
  args: [strategy, kind, createdAt],
})

/** The statement before must have deleted one row. */
export const oneRowIsDeleted: Statement = {sql: failWith(`SELECT '${changed}' WHERE changes() <> 1`), args: []}

/** There must be no open leg. */
export const noOpenPositions: Statement = {
  sql: failWith(`SELECT '${positions}' || legs FROM (SELECT count(*) AS legs FROM active_positions) WHERE legs > 0`),
  args: [],
}

/** Whether it is a check of what was read that failed. */
export const isChanged = (message: string) => message.includes(changed)

/** How many open legs the last check found, if it is the one that failed. */
export function openLegsIn(message: string): number | undefined {
  const [, legs] = new RegExp(`${positions}(\\d+)`).exec(message) ?? []
  return legs === undefined ? undefined : Number(legs)
}
