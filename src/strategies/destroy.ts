import {usingDatabase} from '../database/connect.ts'
import {hasTable, inspectDatabase, requireMarker} from '../database/inspect.ts'
import {StratError} from '../errors.ts'
import type {Platform} from '../platform/platform.ts'
import {findStrategy} from './find.ts'
import type {Kind} from './name.ts'

/** What would be lost with a strategy. */
export type Contents = {name: string; kind: Kind; trades: number; openPositions: number}

export type DestroyedStrategy = {name: string; archivedRows: number; secretsRemoved: string[]; status: 'destroyed'; discardedRows: number}

type FindPlatform = Pick<Platform, 'listDatabases' | 'getDatabase' | 'connect'>

/** Counts what a strategy holds; it must be ours. */
export async function inspectStrategy({platform}: {platform: FindPlatform}, {name}: {name: string}): Promise<Contents> {
  const database = await findStrategy(platform, name)
  return usingDatabase(await platform.connect(database), async (opened) => {
    const state = await inspectDatabase(opened)
    const {kind} = requireMarker(name, state)
    const tables = ['trade_logs', 'active_positions'].filter((table) => hasTable(state, table))
    const counts = await opened.read(tables.map((table) => ({sql: `SELECT count(*) AS rows FROM ${table}`, args: []})))
    const count = (table: string) => Number(counts[tables.indexOf(table)]?.rows[0]?.['rows'] ?? 0)
    return {name, kind, trades: count('trade_logs'), openPositions: count('active_positions')}
  })
}

/**
 * Says whether a strategy may be destroyed.
 *
 * @throws StratError ARCHIVE_NOT_EMPTY, TRADES_PRESENT, OPEN_POSITIONS
 */
export function checkDestroyable({name, kind, trades, openPositions}: Contents, {discardTrades, force}: {discardTrades: boolean; force: boolean}): void {
  if (kind === 'archive' && trades > 0) {
    throw new StratError('ARCHIVE_NOT_EMPTY', `${name} holds ${trades} archived trades; no command of strat deletes those.`)
  }
  if (openPositions > 0 && !force) {
    throw new StratError('OPEN_POSITIONS', `${name} has ${openPositions} open legs in active_positions.`, {
      suggestions: ['Let the bot close them first.', 'Add --force to destroy it all the same.'],
    })
  }
  if (trades > 0 && !discardTrades) {
    throw new StratError('TRADES_PRESENT', `${name} holds ${trades} trade logs, and there is no archive to keep them in.`, {
      suggestions: [`Add --discard-trades to lose them for ever: strat destroy ${name} --discard-trades`],
    })
  }
}

/** Deletes a strategy's database. What it holds is checked again just before, since its bot may have traded meanwhile. */
export async function destroyStrategy(
  {platform}: {platform: FindPlatform & Pick<Platform, 'deleteDatabase'>},
  {name, discardTrades, force}: {name: string; discardTrades: boolean; force: boolean},
): Promise<DestroyedStrategy> {
  const contents = await inspectStrategy({platform}, {name})
  checkDestroyable(contents, {discardTrades, force})
  await platform.deleteDatabase(name)
  return {name, archivedRows: 0, secretsRemoved: [], status: 'destroyed', discardedRows: contents.trades}
}
