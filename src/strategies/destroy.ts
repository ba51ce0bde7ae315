import {usingDatabase} from '../database/connect.ts'
import type {Database, Statement} from '../database/database.ts'
import {type DatabaseState, hasTable, inspectDatabase, requireOwnMarker} from '../database/inspect.ts'
import {type Delivery, prepareWithdrawal} from '../delivery/deliver.ts'
import {type ErrorCode, StratError} from '../errors.ts'
import type {Platform, PlatformDatabase} from '../platform/platform.ts'
import {block, botTables, unblockBot} from './block-bot.ts'
import {findStrategy} from './find.ts'
import type {Kind} from './name.ts'

/** What would be lost with a strategy; null where the table is missing. */
export type Contents = {name: string; kind: Kind; trades: number | null; openPositions: number | null}

export type DestroyedStrategy = {name: string; archivedRows: number; secretsRemoved: string[]; status: 'destroyed'; discardedRows: number}

/** What may be lost: the trades for ever, the open positions unclosed. */
export type DestroyChoice = {discardTrades: boolean; force: boolean}

type FindPlatform = Pick<Platform, 'listDatabases' | 'getDatabase' | 'connect'>

/** Counts what a strategy holds; it must be ours. */
export async function inspectStrategy({platform}: {platform: FindPlatform}, {name}: {name: string}): Promise<Contents> {
  const database = await findStrategy(platform, name)
  return usingDatabase(await platform.connect(database), async (opened) => {
    const state = await inspectDatabase(opened)
    const results = await opened.read(countsOf(state))
    return toContents(
      name,
      state,
      results.map(({rows}) => Number(rows[0]?.['rows'])),
    )
  })
}

/**
 * Says whether a strategy may be destroyed, and if not, everything that stands in the way.
 *
 * @throws StratError ARCHIVE_NOT_EMPTY, OPEN_POSITIONS, TRADES_PRESENT
 */
export function checkDestroyable({name, kind, trades, openPositions}: Contents, {discardTrades, force}: DestroyChoice): void {
  if (kind === 'archive' && trades !== 0) {
    throw new StratError('ARCHIVE_NOT_EMPTY', `${name} ${holds(trades, 'trade_logs', 'archived trade')}; no command of strat deletes those.`)
  }
  const obstacles: {code: ErrorCode; reason: string; wayOut: string}[] = [
    ...(openPositions === 0 || kind === 'archive' || force
      ? []
      : [
          {
            code: 'OPEN_POSITIONS' as const,
            reason: holds(openPositions, 'active_positions', 'open leg'),
            wayOut: 'Let the bot close its positions first, or add --force.',
          },
        ]),
    ...(trades !== null || discardTrades
      ? []
      : [{code: 'TRADES_PRESENT' as const, reason: holds(trades, 'trade_logs', 'trade log'), wayOut: 'Add --discard-trades to destroy it all the same.'}]),
  ]
  const [first] = obstacles
  if (!first) return
  throw new StratError(first.code, `${name} ${obstacles.map(({reason}) => reason).join(', and ')}.`, {suggestions: obstacles.map(({wayOut}) => wayOut)})
}

function holds(count: number | null, table: string, noun: string): string {
  return count === null ? `has no table ${table}, so nobody can tell what became of its rows` : `holds ${count} ${noun}${count === 1 ? '' : 's'}`
}

export type DestroyDependencies = {
  platform: FindPlatform & Pick<Platform, 'deleteDatabase'>
  deliveries: Pick<Delivery, 'store' | 'botUrlOf'>[]
  /** Finds the archive, and returns what moves all trades there (it is told how many there are) and says how many it moved. */
  prepareArchiving: (database: PlatformDatabase) => Promise<(trades: number) => Promise<number>>
}

/**
 * Deletes a strategy's database, when all of its trades are in the archive. In one transaction what it holds is checked again and its bot
 * is kept from adding more; only then the trades are moved, so none can be added that is neither there nor here. The bot gets an error
 * instead, until this has ended, or `strat create` lets it go on. Its secrets go last. Killed anywhere it can be run again.
 */
export async function destroyStrategy(
  {platform, deliveries, prepareArchiving}: DestroyDependencies,
  {name, ...choice}: {name: string} & DestroyChoice,
): Promise<DestroyedStrategy> {
  const database = await findStrategy(platform, name)
  const withdrawals = await Promise.all(storesOf(deliveries).map((delivery) => prepareWithdrawal(delivery, database)))
  const connection = await platform.connect(database)
  const {kind} = await usingDatabase(connection, async (opened) => requireOwnMarker(name, await inspectDatabase(opened)))
  const archive = kind === 'archive' || choice.discardTrades ? undefined : await prepareArchiving(database)
  const {trades} = await usingDatabase(connection, (opened) => checkAndBlock(opened, choice))
  const archivedRows = (await archive?.(trades ?? 0).catch((error) => Promise.reject(stillBlocked(name, error)))) ?? 0
  const left = archive ? await usingDatabase(connection, requireNoTrades) : trades
  try {
    await platform.deleteDatabase(database)
  } catch (error) {
    // Where that fails as well, the block is told by `show` and taken away by the next run: what is told here is why nothing was deleted.
    await usingDatabase(connection, (opened) => opened.migrate(unblockBot())).catch(() => undefined)
    throw error
  }
  // Not before: a deletion that is refused must leave the bot what it needs, and what a crash here leaves opens nothing any more.
  const secretsRemoved: string[] = []
  for (const withdraw of withdrawals) secretsRemoved.push(...(await withdraw()))
  return {name, archivedRows, secretsRemoved, status: 'destroyed', discardedRows: left ?? 0}
}

/** Its bot is not let go on: another run may be about to delete the database. */
function stillBlocked(name: string, error: unknown): unknown {
  if (!(error instanceof StratError)) return error
  const suggestions = [...error.suggestions, `strat destroy ${name} goes on.`, `strat create ${name} lets its bot go on instead, which cannot add trades now.`]
  return new StratError(error.code, error.message, {suggestions, cause: error})
}

async function requireNoTrades(database: Database): Promise<number> {
  const [found] = await database.read([{sql: 'SELECT count(*) AS rows FROM trade_logs', args: []}])
  const trades = Number(found?.rows[0]?.['rows'])
  if (trades === 0) return 0
  throw stillBlocked(
    database.name,
    new StratError('TRADES_PRESENT', `${database.name} ${holds(trades, 'trade_logs', 'trade log')} that could not be archived.`, {
      suggestions: [`strat archive ${database.name} tells why.`, 'Add --discard-trades to lose them for ever.'],
    }),
  )
}

/** Each store once: where a bot's secrets are may have changed since they were delivered. */
function storesOf<T extends Pick<Delivery, 'store'>>(deliveries: T[]): T[] {
  return deliveries.filter(({store}, index) => deliveries.findIndex((other) => other.store.kind === store.kind) === index)
}

async function checkAndBlock(database: Database, choice: DestroyChoice): Promise<Contents> {
  const state = await inspectDatabase(database)
  return database.transaction(async (transaction) => {
    const counts: number[] = []
    for (const statement of countsOf(state)) counts.push(Number((await transaction.execute(statement)).rows[0]?.['rows']))
    const contents = toContents(database.name, state, counts)
    checkDestroyable(contents, choice)
    for (const table of presentTables(state)) await transaction.execute(block(table))
    return contents
  })
}

const presentTables = (state: DatabaseState) => botTables.filter((table) => hasTable(state, table))

const countsOf = (state: DatabaseState): Statement[] => presentTables(state).map((table) => ({sql: `SELECT count(*) AS rows FROM ${table}`, args: []}))

function toContents(name: string, state: DatabaseState, counts: number[]): Contents {
  const present = presentTables(state)
  const count = (table: (typeof botTables)[number]) => counts[present.indexOf(table)] ?? null
  return {name, kind: requireOwnMarker(name, state).kind, trades: count('trade_logs'), openPositions: count('active_positions')}
}
