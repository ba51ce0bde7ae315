import {usingDatabase} from '../database/connect.ts'
import type {Database} from '../database/database.ts'
import {StratError} from '../errors.ts'
import type {DatabaseConnection, PlatformDatabase} from '../platform/platform.ts'

/** What can be done with the trades of a strategy that is destroyed; each says how many it has archived. */
export type Archiving = {
  /** Moves all of them; it is told how many there are. */
  everything(trades: number): Promise<number>
  /** Only ends what an earlier run began. */
  begun(): Promise<number>
}

/** Finds the archive for a strategy. */
export type PrepareArchiving = (database: PlatformDatabase) => Promise<Archiving>

type ArchiveAll = {connection: DatabaseConnection; archiving: Archiving; trades: number; discardTrades: boolean}

/**
 * Moves all trades of a strategy whose bot is kept from adding more, and makes sure that none is left; with `discardTrades` only those that
 * are in the archive already, so that nothing there waits for ever to be sealed.
 *
 * @throws StratError TRADES_PRESENT, and what `archiving` throws
 */
export async function archiveAll({connection, archiving, trades, discardTrades}: ArchiveAll): Promise<{archivedRows: number; discardedRows: number}> {
  const archivedRows = discardTrades ? await archiving.begun() : await archiving.everything(trades)
  const left = await usingDatabase(connection, countTrades)
  if (left > 0 && !discardTrades) throw notArchived(connection.name, left)
  return {archivedRows, discardedRows: left}
}

async function countTrades(database: Database): Promise<number> {
  const [found] = await database.read([{sql: 'SELECT count(*) AS rows FROM trade_logs', args: []}])
  return Number(found?.rows[0]?.['rows'])
}

const notArchived = (name: string, trades: number) =>
  new StratError('TRADES_PRESENT', `${name} holds ${trades} trade log${trades === 1 ? '' : 's'} that could not be archived.`, {
    suggestions: [`strat archive ${name} tells why.`, 'Add --discard-trades to lose them for ever.'],
  })
