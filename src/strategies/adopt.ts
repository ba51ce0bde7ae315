import {usingDatabase} from '../database/connect.ts'
import type {Database, Statement} from '../database/database.ts'
import {type DatabaseState, hasTable, inspectDatabase, isUnfinished, ownMarker} from '../database/inspect.ts'
import {deleteMarker, insertMarker} from '../database/marker.ts'
import {StratError} from '../errors.ts'
import {strategyNotFound} from '../fleet/select.ts'
import type {Platform} from '../platform/platform.ts'
import type {Kind, StrategyName} from './name.ts'
import type {Template} from './template.ts'

/** Enters the migrations whose result a database has into its ledger, and makes `completion` true in the same transaction. */
export type Baseline = (database: Database, input: {kind: Kind; state: DatabaseState; completion: Statement[]}) => Promise<{baseline: string[]}>

export type AdoptedStrategy = {
  name: string
  kind: Kind
  template: string
  /** The migrations that the database is taken to have. */
  baseline: string[]
  status: 'adopted' | 'existing'
}

/**
 * Takes over a database that somebody else made: its schema must be the one that the first migrations make, in any spelling.
 * No row and no table of it changes.
 *
 * @throws StratError STRATEGY_NOT_FOUND, STRATEGY_INCOMPLETE, SCHEMA_DIFFERS
 */
export async function adoptStrategy(
  {platform, baseline}: {platform: Pick<Platform, 'listDatabases' | 'connect'>; baseline: Baseline},
  {strategy: {name, kind}, template}: {strategy: StrategyName; template: Template},
): Promise<AdoptedStrategy> {
  const databases = await platform.listDatabases()
  const database = databases.find((candidate) => candidate.name === name)
  if (!database) {
    throw strategyNotFound(
      name,
      databases.map((candidate) => candidate.name),
    )
  }
  return usingDatabase(await platform.connect(database), async (opened) => {
    const state = await inspectDatabase(opened)
    const marker = ownMarker(name, state)
    if (marker) return {name, kind: marker.kind, template: marker.template, baseline: [], status: 'existing'}
    if (isUnfinished(state)) {
      throw new StratError('STRATEGY_INCOMPLETE', `${name} has no tables to adopt.`, {suggestions: [`strat create ${name} makes them.`]})
    }
    const mark = insertMarker({strategy: name, kind, template: template.name, createdAt: new Date().toISOString()})
    // In a copy of a strategy the original's marker stands in the way.
    const completion = hasTable(state, 'strat_meta') ? [deleteMarker, mark] : [mark]
    const {baseline: names} = await baseline(opened, {kind, state, completion})
    return {name, kind, template: template.name, baseline: names, status: 'adopted'}
  })
}
