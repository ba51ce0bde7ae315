import {StratError} from '../errors.ts'
import type {Database, Statement} from './database.ts'

/** What makes a database ours: the one row of `strat_meta`. */
export type Marker = {
  /** The name under which the database was marked; a copy of it under another name is not ours. */
  strategy: string
  kind: 'strategy' | 'archive'
  template: string
  /** ISO 8601, UTC. */
  createdAt: string
}

export const createMarkerTable: Statement = {
  sql: `CREATE TABLE IF NOT EXISTS strat_meta (
    id INTEGER PRIMARY KEY CHECK (id = 1), strategy TEXT NOT NULL, kind TEXT NOT NULL, template TEXT NOT NULL, created_at TEXT NOT NULL)`,
  args: [],
}

export const selectMarker: Statement = {sql: 'SELECT strategy, kind, template, created_at FROM strat_meta', args: []}

/** Fails with a constraint where there is a marker already, so that of two that mark at once, one does. */
export const insertMarker = ({strategy, kind, template, createdAt}: Marker): Statement => ({
  sql: 'INSERT INTO strat_meta (id, strategy, kind, template, created_at) VALUES (1, ?, ?, ?, ?)',
  args: [strategy, kind, template, createdAt],
})

export const deleteMarker: Statement = {sql: 'DELETE FROM strat_meta', args: []}

/** @throws StratError STORAGE_NEWER for a kind that this version does not know */
export function toMarker(row: Record<string, unknown>): Marker {
  const {kind} = row
  if (kind !== 'strategy' && kind !== 'archive') throw kindUnknown(String(row['strategy']), String(kind))
  return {
    strategy: String(row['strategy']),
    kind,
    template: String(row['template']),
    createdAt: String(row['created_at']),
  }
}

/** Whether a statement failed because a table is not there, or not the one of ours. */
export const isMissingTable = (error: unknown) => error instanceof Error && /no such (?:table|column)/.test(error.message)

/** The marker alone, in one request; undefined where there is none. */
export async function readMarker(database: Database): Promise<Marker | undefined> {
  try {
    const [marker] = await database.read([selectMarker])
    return marker?.rows[0] && toMarker(marker.rows[0])
  } catch (error) {
    if (isMissingTable(error)) return undefined
    throw error
  }
}

const kindUnknown = (name: string, kind: string) =>
  new StratError('STORAGE_NEWER', `${name} is of a kind that this version of strat does not know: ${kind}.`, {
    suggestions: ['Install the newest version of strat.'],
  })
