import {usingDatabase} from '../database/connect.ts'
import type {Database} from '../database/database.ts'
import {type DatabaseState, hasTable, inspectDatabase, requireMarker} from '../database/inspect.ts'
import type {Delivery} from '../delivery/deliver.ts'
import {messageOf, StratError} from '../errors.ts'
import type {Permission, Platform, PlatformDatabase} from '../platform/platform.ts'
import type {SecretPlace, SecretStore} from '../secrets/secret-store.ts'
import {findStrategy} from './find.ts'
import {type Kind, type Stage, stageOf} from './name.ts'

export type ShownStrategy = {
  name: string
  kind: Kind
  stage: Stage | null
  template: string
  url: string
  group: string
  createdAt: string
  migrations: {executed: string[]; pending: string[]}
  /** Rows of each table. */
  rows: Record<string, number>
  /** Open legs, and trades; null where their table is missing. */
  openPositions: number | null
  trades: number | null
  /** The newest row of `portfolio_state`. */
  capital: {allocated: number; freeMargin: number; dailyStopLoss: number; updatedAt: string} | null
  /**
   * What the template lets the bot's token do; and of the one in the secret store when it was issued, when it expires, and what it
   * allows (`portfolio_state:data_read trade_logs:data_add,data_read`): null where none there is of this database.
   */
  token: {expiresAt: string | null; issuedAt: string | null; allows: string | null; permissions: Permission[]}
  /** Where the bot's secrets are. */
  secrets: SecretPlace[]
  /** What is to be known of them. */
  warnings: string[]
}

export type ShowDependencies = {
  platform: Pick<Platform, 'listDatabases' | 'getDatabase' | 'connect'>
  pendingOf: (kind: Kind, state: DatabaseState) => Promise<string[]>
  delivery: Pick<Delivery, 'store' | 'permissionsOf'>
}

/** Everything about one strategy or archive, from two requests. Writes nothing. */
export async function showStrategy({platform, pendingOf, delivery}: ShowDependencies, {name}: {name: string}): Promise<ShownStrategy> {
  const database = await findStrategy(platform, name)
  return usingDatabase(await platform.connect(database), async (opened) => {
    const state = await inspectDatabase(opened)
    const {kind, template, createdAt} = requireMarker(name, state)
    const {rows, capital} = await readContents(opened, state)
    const {token, secrets, warnings} = await readSecrets(delivery.store, database)
    return {
      name,
      kind,
      stage: stageOf(name),
      template,
      url: database.url,
      group: database.group,
      createdAt,
      migrations: {executed: state.ledger, pending: await pendingOf(kind, state)},
      rows,
      openPositions: rows['active_positions'] ?? null,
      trades: rows['trade_logs'] ?? null,
      capital,
      token: {
        expiresAt: token?.expiresAt.toISOString() ?? null,
        issuedAt: token?.issuedAt.toISOString() ?? null,
        allows: token?.permissions ?? null,
        permissions: await delivery.permissionsOf(template),
      },
      secrets,
      warnings,
    }
  })
}

/** The token of this database, and where its secrets are. A store that cannot be asked is no reason to show nothing else. */
async function readSecrets(store: SecretStore, {name, id}: PlatformDatabase) {
  try {
    const [{token, warnings}, there] = await Promise.all([store.read(name), store.list(name)])
    const secrets = there.map(({store: kind, scope, name: secret}) => ({store: kind, scope, name: secret}))
    const isOurs = token && (token.databaseId === null || token.databaseId === id)
    return {token: isOurs ? token : null, secrets, warnings}
  } catch (error) {
    if (!(error instanceof StratError)) throw error
    return {token: null, secrets: [], warnings: [`What its bot has cannot be told: ${messageOf(error)}.`]}
  }
}

async function readContents(database: Database, state: DatabaseState): Promise<Pick<ShownStrategy, 'rows' | 'capital'>> {
  const tables = ['portfolio_state', 'active_positions', 'trade_logs', 'archive_batches'].filter((table) => hasTable(state, table))
  const counts = tables.map((table) => ({sql: `SELECT count(*) AS rows FROM ${table}`, args: []}))
  const newest = {
    sql: 'SELECT capital_allocated, free_margin, daily_stop_loss, CAST(updated_at AS TEXT) AS updated_at FROM portfolio_state ORDER BY id DESC LIMIT 1',
    args: [],
  }
  const results = await database.read(hasTable(state, 'portfolio_state') ? [...counts, newest] : counts)
  const capital = results[tables.length]?.rows[0]
  return {
    rows: Object.fromEntries(tables.map((table, index) => [table, Number(results[index]?.rows[0]?.['rows'])])),
    capital: capital
      ? {
          allocated: Number(capital['capital_allocated']),
          freeMargin: Number(capital['free_margin']),
          dailyStopLoss: Number(capital['daily_stop_loss']),
          updatedAt: String(capital['updated_at']),
        }
      : null,
  }
}
