import type {Database} from '../database/database.ts'
import {type Marker, readMarker, selectMarker, toMarker} from '../database/marker.ts'
import {messageOf, StratError} from '../errors.ts'
import type {Position} from './open-positions.ts'

/** What is read of a strategy before its trades. */
export type SourceState = {positions: Position[]}

/**
 * Reads what is open in a strategy, and makes sure that it is one of ours: one request.
 *
 * @throws StratError STRATEGY_NOT_OURS, KIND_WRONG, TABLE_MISSING
 */
export async function readSource(source: Database): Promise<SourceState> {
  const {name} = source
  try {
    const [marker, positions] = await source.read([selectMarker, selectPositions, {sql: 'SELECT 1 FROM trade_logs LIMIT 0', args: []}])
    requireStrategy(name, marker?.rows[0] && toMarker(marker.rows[0]))
    return {positions: (positions?.rows ?? []).map((row) => ({symbol: row['symbol'], quantity: row['quantity']}))}
  } catch (error) {
    const [, what] = /no such (?:table|column): ([\w.]+)/.exec(messageOf(error)) ?? []
    if (what === undefined) throw error
    requireStrategy(name, await readMarker(source))
    throw new StratError('TABLE_MISSING', `${name} lacks ${what}, so nothing of it can be archived.`, {
      suggestions: [`strat migrate status ${name}`],
      cause: error,
    })
  }
}

const selectPositions = {sql: 'SELECT symbol, quantity FROM active_positions', args: []}

function requireStrategy(name: string, marker: Marker | undefined): void {
  if (marker?.strategy !== name) throw notOurs(name)
  if (marker.kind === 'archive') throw wrongKind(name, 'an archive', 'Its trades are archived: name the strategies that they come from.')
}

const notOurs = (name: string) =>
  new StratError('STRATEGY_NOT_OURS', `The database ${name} was not made by strat, or is a copy, and is left alone.`, {
    suggestions: [`strat adopt ${name} takes it over, if its tables are those of a strategy.`],
  })

/** The error for a database that is of the other kind. */
export const wrongKind = (name: string, kind: 'an archive' | 'a strategy', suggestion: string) =>
  new StratError('KIND_WRONG', `${name} is ${kind}.`, {suggestions: [suggestion]})
