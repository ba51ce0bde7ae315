import {usingDatabase} from '../database/connect.ts'
import {StratError} from '../errors.ts'
import type {DatabaseConnection, Platform, PlatformDatabase} from '../platform/platform.ts'

/** Finds the archive, and returns what moves all trades of a strategy there (it is told how many there are) and says how many it moved. */
export type PrepareArchiving = (database: PlatformDatabase) => Promise<(trades: number) => Promise<number>>

type Archiving = {platform: Pick<Platform, 'getDatabase'>; database: PlatformDatabase; connection: DatabaseConnection; archive: () => Promise<number>}

/**
 * Moves all trades of a strategy whose bot is kept from adding more, and makes sure that none is left. Where that fails the bot is not let
 * go on: another run may be about to delete the database.
 *
 * @throws StratError TRADES_PRESENT, DATABASE_GONE, and what `archive` throws
 */
export async function archiveAll({platform, database, connection, archive}: Archiving): Promise<number> {
  const {name, id} = database
  try {
    const archived = await archive()
    await usingDatabase(connection, async (opened) => {
      const [found] = await opened.read([{sql: 'SELECT count(*) AS rows FROM trade_logs', args: []}])
      const trades = Number(found?.rows[0]?.['rows'])
      if (trades > 0) throw notArchived(name, trades)
    })
    return archived
  } catch (error) {
    if (!(error instanceof StratError)) throw error
    const current = await platform.getDatabase(name).catch(() => database)
    if (current?.id !== id) throw new StratError('DATABASE_GONE', `${name} was destroyed meanwhile.`, {cause: error})
    const suggestions = [
      ...error.suggestions,
      `strat destroy ${name} goes on.`,
      `strat create ${name} lets its bot go on instead, which cannot add trades now.`,
    ]
    throw new StratError(error.code, error.message, {suggestions, cause: error})
  }
}

const notArchived = (name: string, trades: number) =>
  new StratError('TRADES_PRESENT', `${name} holds ${trades} trade log${trades === 1 ? '' : 's'} that could not be archived.`, {
    suggestions: [`strat archive ${name} tells why.`, 'Add --discard-trades to lose them for ever.'],
  })
