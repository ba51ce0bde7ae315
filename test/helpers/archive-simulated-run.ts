import {closedSelection} from '../../src/archive/closed-selection.ts'
import {type MoveInput, moveClosedTrades} from '../../src/archive/move.ts'
import type {MoveResult} from '../../src/archive/result.ts'
import type {Database} from '../../src/database/database.ts'
import {opening, type Pair} from './archive-pair.ts'

/** Short, so that a history sees times end; a machine that is busy may want the longer one, when nobody else is there any more. */
export const leases = {short: 400, long: 5000}

const market = {
  timeZone: 'Asia/Kolkata',
  days: 'monday tuesday wednesday thursday friday saturday sunday'.split(' '),
  open: '09:15',
  close: '15:30',
  holidays: [],
}

/** What ends a run from outside. */
export class Killed extends Error {}

export type RunOptions = Pick<MoveInput, 'everything' | 'noDelete' | 'maxRows'> & {leaseMs?: number}

/** A run as `archiveStrategy` makes it. */
export const run = (pair: Pair, {leaseMs = leases.short, ...options}: RunOptions, through: (database: Database) => Database): Promise<MoveResult> =>
  opening(pair, async (source, archive) => {
    const [from, to] = [through(source), through(archive)]
    const [positions] = await from.read([{sql: 'SELECT symbol, quantity FROM active_positions', args: []}])
    const open = (positions?.rows ?? []).map((row) => ({symbol: row['symbol'], quantity: row['quantity']}))
    const selection = closedSelection({market, positions: open, lenient: false}, () => undefined)
    return moveClosedTrades(
      {source: from, archive: to, toolVersion: '0.0.0', onProgress: () => undefined, leaseMs, folder: pair.server.folder},
      {databaseId: 'condor', strategy: 'stage-condor', selection, ...options},
    )
  })

/** A database whose user is killed before or after one of its requests. */
export function killed(database: Database, kill: {left: number; isAfter: boolean}): Database {
  const through = async <T>(send: () => Promise<T>): Promise<T> => {
    kill.left -= 1
    if (kill.left < 0 || (kill.left === 0 && !kill.isAfter)) throw new Killed()
    const result = await send()
    if (kill.left <= 0) throw new Killed()
    return result
  }
  return {
    ...database,
    requests: 0,
    read: (statements) => through(() => database.read(statements)),
    write: (statements) => through(() => database.write(statements)),
  }
}
