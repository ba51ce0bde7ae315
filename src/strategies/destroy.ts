import {usingDatabase} from '../database/connect.ts'
import type {Database, Statement} from '../database/database.ts'
import {type DatabaseState, hasTable, inspectDatabase, requireOwnMarker} from '../database/inspect.ts'
import {type Delivery, prepareWithdrawal} from '../delivery/deliver.ts'
import {type ErrorCode, StratError} from '../errors.ts'
import type {Platform} from '../platform/platform.ts'
import {archiveAll, type PrepareArchiving} from './archive-all.ts'
import {block, botTables, selectBlocked} from './block-bot.ts'
import {findStrategy} from './find.ts'
import type {Kind} from './name.ts'
import {whileBlocked} from './while-blocked.ts'

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
  platform: FindPlatform & Pick<Platform, 'requireDeletable' | 'deleteDatabase'>
  deliveries: Pick<Delivery, 'store' | 'botUrlOf'>[]
  prepareArchiving: PrepareArchiving
}

/**
 * Deletes a strategy's database, when all of its trades are in the archive. Whatever would refuse is asked first. Then in one transaction
 * what it holds is checked again and its bot is kept from adding more, so that no trade can be added that is neither there nor here; the
 * bot gets an error instead. Its secrets go before the database: by its name the database finds what a run that died has left of them. At the
 * very last it is made sure that nobody has let the bot go on meanwhile.
 *
 * @throws StratError those of `checkDestroyable`, of `archiveAll` and of the platform; DESTROY_RACE
 */
export async function destroyStrategy(
  {platform, deliveries, prepareArchiving}: DestroyDependencies,
  {name, ...choice}: {name: string} & DestroyChoice,
): Promise<DestroyedStrategy> {
  const database = await findStrategy(platform, name)
  await platform.requireDeletable(database)
  const withdrawals = await Promise.all(storesOf(deliveries).map((delivery) => prepareWithdrawal(delivery, database)))
  const connection = await platform.connect(database)
  const {kind} = await usingDatabase(connection, async (opened) => requireOwnMarker(name, await inspectDatabase(opened)))
  const archiving = kind === 'archive' ? undefined : await prepareArchiving(database)
  const {trades, openPositions} = await usingDatabase(connection, (opened) => checkAndBlock(opened, choice))
  return whileBlocked(platform, database, async () => {
    const fate = archiving && trades !== null ? await archiveAll({connection, archiving, trades, ...choice}) : {archivedRows: 0, discardedRows: 0}
    const secretsRemoved: string[] = []
    for (const withdraw of withdrawals) secretsRemoved.push(...(await withdraw()))
    await usingDatabase(connection, (opened) => requireBlocked(opened, {trades: trades === null ? null : fate.discardedRows, openPositions}))
    await platform.deleteDatabase(database)
    return {name, secretsRemoved, status: 'destroyed', ...fate}
  })
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

/** Makes sure, by one transaction, that the bot is still kept from adding rows, and that no more are there than may be lost. */
async function requireBlocked(database: Database, expected: Pick<Contents, 'trades' | 'openPositions'>): Promise<void> {
  const most = {trade_logs: expected.trades, active_positions: expected.openPositions}
  const tables = botTables.filter((table) => most[table] !== null)
  const [blocked, ...counts] = await database.read([selectBlocked(tables), ...tables.map(countOf)])
  const isMore = tables.some((table, index) => Number(counts[index]?.rows[0]?.['rows']) > Number(most[table]))
  if (blocked?.rows.length === tables.length && !isMore) return
  throw new StratError('DESTROY_RACE', `Somebody let the bot of ${database.name} go on while it was being destroyed, so its database was not deleted.`, {
    suggestions: [
      `strat create ${database.name} gives its bot its secrets again, which are gone.`,
      `strat destroy ${database.name} destroys it, with what was added meanwhile.`,
    ],
  })
}

const presentTables = (state: DatabaseState) => botTables.filter((table) => hasTable(state, table))

const countOf = (table: string): Statement => ({sql: `SELECT count(*) AS rows FROM ${table}`, args: []})

const countsOf = (state: DatabaseState): Statement[] => presentTables(state).map(countOf)

function toContents(name: string, state: DatabaseState, counts: number[]): Contents {
  const present = presentTables(state)
  const count = (table: (typeof botTables)[number]) => counts[present.indexOf(table)] ?? null
  return {name, kind: requireOwnMarker(name, state).kind, trades: count('trade_logs'), openPositions: count('active_positions')}
}
