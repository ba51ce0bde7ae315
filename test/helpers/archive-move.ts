import type {ArchiveDependencies} from '../../src/archive/archive-fleet.ts'
import {type MoveInput, moveClosedTrades} from '../../src/archive/move.ts'
import type {ClosedSelection} from '../../src/archive/pieces.ts'
import type {MoveResult} from '../../src/archive/result.ts'
import type {Database} from '../../src/database/database.ts'
import {faultsOfChain} from './archive-chain.ts'
import {closedBefore, opening, type Pair, rowsIn} from './archive-pair.ts'

export type MoveOptions = Partial<MoveInput> & {
  leaseMs?: number
  /** Happens before each deletion is sent; what it throws ends the run. */
  atDeletion?: () => unknown
}

/** The rule of the tests. */
export const selection: ClosedSelection = closedBefore('2026-06-01')

/** A run on the strategy of a pair, by a rule for tests. */
export const move = (pair: Pair, {leaseMs = 60_000, atDeletion = () => undefined, ...input}: MoveOptions = {}): Promise<MoveResult> =>
  opening(pair, (source, archive) => {
    const watched: Database = {
      ...source,
      requests: 0,
      async write(statements) {
        if (statements.some((statement) => statement.sql.startsWith('DELETE'))) await atDeletion()
        return source.write(statements)
      },
    }
    return moveClosedTrades(
      {source: watched, archive, toolVersion: '0.0.0', onProgress: () => undefined, leaseMs},
      {databaseId: 'id-of-condor', strategy: 'stage-condor', selection, ...input},
    )
  })

/** Ends a run where it stands, as `atDeletion`. */
export const killed = () => Promise.reject(new Error('killed'))

/** The ids of the trades that are in a database. */
export const idsIn = (pair: Pair, at: 'source' | 'archive') => rowsIn(pair, pair[at], 'SELECT id FROM trade_logs ORDER BY id').map(({id}) => id)

/** What is wrong with the archive of a pair. */
export const chainFaults = (pair: Pair) =>
  faultsOfChain(rowsIn(pair, pair.archive, 'SELECT * FROM archive_batches'), rowsIn(pair, pair.archive, 'SELECT * FROM trade_logs'))

/** What archiving a fleet works with, where its archive has the name `archive`, and is as it should be. */
export const fleetDependencies = {
  isArchiveName: (name: string) => name === 'archive',
  checkName: () => undefined,
  pendingOf: async () => [],
  createArchive: () => Promise.reject(new Error('there is one')),
  market: {timeZone: 'Asia/Kolkata', days: ['monday'], open: '09:15', close: '15:30', holidays: []},
  toolVersion: '0.0.0',
  onProgress: () => undefined,
} satisfies Partial<ArchiveDependencies>
