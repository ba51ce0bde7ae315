import type {Statement} from '../database/database.ts'
import {bookkeepingTables, type DatabaseState, ownSchema, schemaFilter} from '../database/inspect.ts'
import type {Marker} from '../database/marker.ts'

// Statements that fail, and so roll back the transaction that they stand in, unless something is as it should be. No statement
// of SQLite's fails on a condition outside of triggers; a JSON path that is none does, and its text is in the message.
const failWith = (text: string) => `SELECT json_extract('[1]', (${text}))`

const changed = 'not as it was read'
const positions = 'open positions: '

/** A condition that holds where something is not as it was read, with its arguments; the number of the first is given to it. */
type Difference = {condition: (first: number) => string; args: string[]}

/** What must still be as it was read when a transaction has begun and claimed what it is about. */
export type AsRead = {
  /** The names in the ledger, with those that were claimed since, or without those that were taken out. */
  ledger: string[]
  /** Of this the tables, indexes, views and triggers: for others nobody has rehearsed anything. */
  schema?: DatabaseState | undefined
  /** A database that was destroyed and made again under the same name has another one. */
  marker?: Marker | undefined
}

/** One statement for all of it: each takes its time, on a fleet. */
export function isAsRead({ledger, schema, marker}: AsRead): Statement {
  const differences = [ledgerDiffers(ledger), ...(schema ? [schemaDiffers(schema)] : []), ...(marker ? [markerDiffers(marker)] : [])]
  let first = 1
  const conditions = differences.map(({condition, args}) => {
    const text = condition(first)
    first += args.length
    return text
  })
  return {sql: failWith(`SELECT '${changed}' WHERE ${conditions.join('\n    OR ')}`), args: differences.flatMap(({args}) => args)}
}

const ledgerDiffers = (names: string[]): Difference => ({
  condition: (names) => `(SELECT count(*) FROM kysely_migration) <> json_array_length(?${names})
    OR EXISTS (SELECT 1 FROM json_each(?${names}) AS should WHERE should.value NOT IN (SELECT name FROM kysely_migration))`,
  args: [JSON.stringify(names)],
})

function schemaDiffers(state: DatabaseState): Difference {
  const own = `${schemaFilter} AND name NOT IN (${bookkeepingTables.map((name) => `'${name}'`).join(', ')})`
  return {
    condition: (objects) => `(SELECT count(*) FROM sqlite_schema WHERE ${own}) <> json_array_length(?${objects})
    OR EXISTS (SELECT 1 FROM json_each(?${objects}) AS should WHERE NOT EXISTS (SELECT 1 FROM sqlite_schema AS object
      WHERE object.type = should.value ->> 0 AND object.name = should.value ->> 1 AND object.sql = should.value ->> 2))`,
    args: [JSON.stringify(ownSchema(state).map(({type, name, sql}) => [type, name, sql]))],
  }
}

const markerDiffers = ({strategy, kind, createdAt}: Marker): Difference => ({
  condition: (first) => `NOT EXISTS (SELECT 1 FROM strat_meta WHERE strategy = ?${first} AND kind = ?${first + 1} AND created_at = ?${first + 2})`,
  args: [strategy, kind, createdAt],
})

/** The statement before must have deleted one row. */
export const oneRowIsDeleted: Statement = {sql: failWith(`SELECT '${changed}' WHERE changes() <> 1`), args: []}

/** There must be no open leg. */
export const noOpenPositions: Statement = {
  sql: failWith(`SELECT '${positions}' || legs FROM (SELECT count(*) AS legs FROM active_positions) WHERE legs > 0`),
  args: [],
}

/** Whether it is a check of what was read, or deleted, that failed. */
export const isChanged = (message: string) => message.includes(changed)

/** How many open legs the last check found, if it is the one that failed. */
export function openLegsIn(message: string): number | undefined {
  const [, legs] = new RegExp(`${positions}(\\d+)`).exec(message) ?? []
  return legs === undefined ? undefined : Number(legs)
}
