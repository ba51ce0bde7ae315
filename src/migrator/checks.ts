import type {Statement} from '../database/database.ts'
import {bookkeepingTables, type DatabaseState, ownSchema, schemaFilter} from '../database/inspect.ts'

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

/** There must be no open leg. */
export const noOpenPositions: Statement = {
  sql: failWith(`SELECT '${positions}' || legs FROM (SELECT count(*) AS legs FROM active_positions) WHERE legs > 0`),
  args: [],
}

/** Whether it is one of the first two checks that failed. */
export const isChanged = (message: string) => message.includes(changed)

/** How many open legs the third check found, if it is the one that failed. */
export function openLegsIn(message: string): number | undefined {
  const [, legs] = new RegExp(`${positions}(\\d+)`).exec(message) ?? []
  return legs === undefined ? undefined : Number(legs)
}
