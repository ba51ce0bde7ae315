import type {ResultSet} from '@libsql/client'
import {StratError} from '../errors.ts'
import type {Database, Statement} from './database.ts'
import {isMissingTable, type Marker, selectMarker, toMarker} from './marker.ts'

/** One object of `sqlite_schema`, without SQLite's, libSQL's and litestream's own. */
export type SchemaObject = {type: string; name: string; sql: string}

/** What a database says about itself. */
export type DatabaseState = {
  schema: SchemaObject[]
  /** Kysely's ledger: the names of the executed migrations, in order of name. */
  ledger: string[]
  /** The latest instant in the ledger, in milliseconds; 0 where there is none. What another tool wrote and no clock can read does not count. */
  latestTimestamp: number
  /** Our own record beside the ledger, empty for what Kysely's Migrator executed. */
  applied: {name: string; checksum: string; runId: string}[]
  /** The marker as it stands there: in a copy of a database it names the original. */
  marker: Marker | undefined
}

export const emptyState: DatabaseState = {schema: [], ledger: [], latestTimestamp: 0, applied: [], marker: undefined}

/** The tables of the bookkeeping: Kysely's two and ours. */
export const bookkeepingTables = ['kysely_migration', 'kysely_migration_lock', 'strat_migration', 'strat_meta']

/** What of `sqlite_schema` is neither SQLite's own, nor libSQL's, nor litestream's: a condition of SQL. */
export const schemaFilter = "sql IS NOT NULL AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'libsql_*' AND name NOT GLOB '_litestream_*'"

const selectSchema: Statement = {sql: `SELECT type, name, sql FROM sqlite_schema WHERE ${schemaFilter} ORDER BY type, name`, args: []}
const tables = {
  kysely_migration: {sql: 'SELECT name, timestamp FROM kysely_migration ORDER BY name', args: []},
  strat_migration: {sql: 'SELECT name, checksum, run_id FROM strat_migration ORDER BY name', args: []},
  strat_meta: selectMarker,
} satisfies Record<string, Statement>

/** Reads schema, ledger and marker: one request for a database of ours, two for an empty one, three for any other. */
export async function inspectDatabase(database: Database): Promise<DatabaseState> {
  try {
    const [schema, ledger, applied, marker] = await database.read([selectSchema, tables.kysely_migration, tables.strat_migration, tables.strat_meta])
    return toState({schema, ledger, applied, marker})
  } catch (error) {
    if (!isMissingTable(error)) throw error
    return inspectForeign(database)
  }
}

/**
 * Reads ledger and marker alone, which a token for named tables may read: `schema` is empty. All of a database that has no marker, or lacks
 * one of their tables.
 */
export async function inspectBookkeeping(database: Database): Promise<DatabaseState> {
  try {
    const [ledger, applied, marker] = await database.read([tables.kysely_migration, tables.strat_migration, tables.strat_meta])
    if (marker?.rows.length) return toState({schema: undefined, ledger, applied, marker})
  } catch (error) {
    if (!isMissingTable(error)) throw error
  }
  return inspectDatabase(database)
}

async function inspectForeign(database: Database): Promise<DatabaseState> {
  const [schema] = await database.read([selectSchema])
  // Somebody else's table of that name, with other columns, is none of ours.
  const columns = {kysely_migration: 'timestamp', strat_migration: 'run_id', strat_meta: 'template'}
  const exists = (table: keyof typeof tables) =>
    schema?.rows.some((row) => row['type'] === 'table' && row['name'] === table && String(row['sql']).includes(columns[table])) ? [table] : []
  const present = [...exists('kysely_migration'), ...exists('strat_migration'), ...exists('strat_meta')]
  const results = present.length > 0 ? await database.read(present.map((table) => tables[table])) : []
  const found = (table: keyof typeof tables) => results[present.indexOf(table)]
  return toState({schema, ledger: found('kysely_migration'), applied: found('strat_migration'), marker: found('strat_meta')})
}

/** The tables, indexes, views and triggers that are the strategy's, not the bookkeeping of migrations. */
export const ownSchema = ({schema}: DatabaseState) => schema.filter(({name}) => !bookkeepingTables.includes(name))

/** Whether an object is a virtual table, such as one of FTS5's. */
export const isVirtualTable = ({sql}: SchemaObject) => /^\s*CREATE\s+VIRTUAL/i.test(sql)

/** Whether a table of this name exists. */
export const hasTable = ({schema}: DatabaseState, table: string) => schema.some(({type, name}) => type === 'table' && name === table)

type Results = Record<'schema' | 'ledger' | 'applied' | 'marker', ResultSet | undefined>

function toState({schema, ledger, applied, marker}: Results): DatabaseState {
  return {
    schema: (schema?.rows ?? []).map((row) => ({type: String(row['type']), name: String(row['name']), sql: String(row['sql'])})),
    ledger: (ledger?.rows ?? []).map((row) => String(row['name'])),
    latestTimestamp: Math.max(0, ...(ledger?.rows ?? []).map((row) => Date.parse(String(row['timestamp']))).filter(Number.isFinite)),
    applied: (applied?.rows ?? []).map((row) => ({name: String(row['name']), checksum: String(row['checksum']), runId: String(row['run_id'])})),
    marker: marker?.rows[0] && toMarker(marker.rows[0]),
  }
}

/** The marker, if it makes this database ours: in a copy under another name it does not. */
export const ownMarker = (name: string, {marker}: DatabaseState) => (marker?.strategy === name ? marker : undefined)

/** Whether a database is one whose creation was interrupted: it is empty, or our bookkeeping has begun and the marker is still to come. */
export const isUnfinished = (state: DatabaseState) => !state.marker && (isEmpty(state) || state.applied.length > 0)

/** Whether a database has nothing in it, not even the beginning of our bookkeeping. */
export const isEmpty = (state: DatabaseState) => ownSchema(state).length === 0 && state.ledger.length === 0

/** The names of the triggers that keep a bot from adding rows while its strategy is destroyed begin so. */
export const destroyingTrigger = 'strat_destroying_'

/** Whether a strategy's destruction was begun, and has not ended. */
export const isBeingDestroyed = ({schema}: DatabaseState) => schema.some(({type, name}) => type === 'trigger' && name.startsWith(destroyingTrigger))

/**
 * The marker of a strategy to work with: ours, whole, and not about to be destroyed.
 *
 * @throws StratError those of `requireOwnMarker`, and STRATEGY_INCOMPLETE where its destruction was interrupted
 */
export function requireMarker(name: string, state: DatabaseState): Marker {
  if (!isBeingDestroyed(state)) return requireOwnMarker(name, state)
  throw new StratError('STRATEGY_INCOMPLETE', `The destruction of ${name} was interrupted, and its bot cannot add trades.`, {
    suggestions: [`strat destroy ${name} finishes it.`, `strat create ${name} lets the bot go on.`],
  })
}

/**
 * The marker of a database that must be ours.
 *
 * @throws StratError STRATEGY_INCOMPLETE where its creation was interrupted, STRATEGY_NOT_OURS where somebody else made it
 */
export function requireOwnMarker(name: string, state: DatabaseState): Marker {
  const marker = ownMarker(name, state)
  if (marker) return marker
  if (isUnfinished(state)) {
    throw new StratError('STRATEGY_INCOMPLETE', `${name} is empty or half made: its creation was interrupted.`, {
      suggestions: [`strat create ${name} finishes it.`],
    })
  }
  throw notOurs(name, state)
}

/** The error for a database that we must not touch. */
export function notOurs(name: string, {marker}: DatabaseState): StratError {
  const reason = marker ? `is a copy of ${marker.strategy}` : 'was not made by strat'
  return new StratError('STRATEGY_NOT_OURS', `The database ${name} ${reason} and is left alone.`, {
    suggestions: [`strat adopt ${name} takes it over, if its tables are those of a strategy or an archive.`],
  })
}
