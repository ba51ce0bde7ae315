import {faultsOfChain} from './archive-chain.ts'
import {roundTrip, type Trade} from './archive-pair.ts'
import {query, usingFile} from './database.ts'
import {databaseFile} from './fleet.ts'
import {runStrat} from './strat.ts'
import {test as base} from './test.ts'
import {usingWatchedDev, type WatchedDev} from './watched-dev.ts'

/** Runs `strat` with these arguments; `args` may have spaces. */
export type Run = (args: string, options?: Parameters<typeof runStrat>[1] & {args?: string[]}) => ReturnType<typeof runStrat>

/** `run` is `strat` on files; `runThere` is `strat` with the databases of a `strat dev`. */
export const test = base.extend<{run: Run; dev: WatchedDev; runThere: Run}>({
  run: async ({folder}, use) => use((args, {args: list, ...options} = {}) => runStrat(list ?? args.split(' '), {cwd: folder, ...options})),
  dev: async ({folder}, use) => usingWatchedDev(folder, use),
  runThere: async ({folder, dev}, use) => use((args, options) => runStrat(args.split(' '), {cwd: folder, ...options, env: dev.env})),
})

/** Inserts trades, as the bot does. */
export const insert = (folder: string, name: string, trades: Trade[]) =>
  usingFile(databaseFile(folder, name), async (client) => {
    await client.batch(
      trades.map((args) => ({sql: 'INSERT INTO trade_logs VALUES (?, ?, ?, ?, ?, ?, ?, ?)', args})),
      'write',
    )
  })

/** The rows of a query. */
export const rows = (folder: string, name: string, sql: string) => query(databaseFile(folder, name), sql)

/** The ids of the trades in a database. */
export const idsIn = async (folder: string, name: string) => (await rows(folder, name, 'SELECT id FROM trade_logs ORDER BY id')).map(({id}) => id)

/** The archive that is made because there is none. */
export const archive = 'trade-logs-archive'

/** What is wrong with the chain of an archive. */
export const chainFaults = async (folder: string, name = archive) =>
  faultsOfChain(await rows(folder, name, 'SELECT * FROM archive_batches ORDER BY sequence'), await rows(folder, name, 'SELECT * FROM trade_logs'))

/** An entry that nothing exits. */
export const leg: Trade = ['leg', '2025-02-03 09:15:00', 'BANKNIFTY', 'SELL', 25, 44.05, 'ENTRY', null]
const days = (from: number) => Array.from({length: 5}, (_, index) => `2025-01-${String(from + index).padStart(2, '0')}`)
/** Five round trips, 20 trades, that are closed. */
export const closed = days(10).flatMap((day, index) => roundTrip('NIFTY', day, index))

/** Makes strategies that have what is closed, and the leg. */
export async function makeFleet(run: Run, folder: string, names: string[]): Promise<void> {
  for (const name of names) {
    await run(`create ${name} --secrets none`)
    await insert(folder, name, [...closed, leg])
  }
}
