import type {Permission, Platform, PlatformDatabase, TokenRequest} from '../platform/platform.ts'
import {type BotSecrets, checkSecrets, type DeliveredSecrets, type SecretPlace, type SecretStore} from '../secrets/secret-store.ts'

/** What it takes to give a strategy's bot its secrets. */
export type Delivery = {
  platform: Pick<Platform, 'createDatabaseToken'>
  store: SecretStore
  /** What a template lets a bot do; nothing where there is no such template any more. */
  permissionsOf: (template: string) => Promise<Permission[]>
  /** Where a bot reaches a database. */
  botUrlOf: (database: PlatformDatabase) => string
  lifetimeSeconds: number
}

/** Where a bot's secrets are now; `token` is null where it has none. */
export type Delivered = {secrets: SecretPlace[]; token: {status: 'minted' | 'kept'; expiresAt: string} | null; warnings: string[]}

/**
 * Gives a strategy's bot the database's address and a token that may do what the template says. What is there and good stays,
 * so that it may be run again after a crash at any point: then at most a token was minted that nobody has.
 */
export async function deliverSecrets(delivery: Delivery, database: PlatformDatabase, template: string): Promise<Delivered> {
  const {platform, store, permissionsOf, botUrlOf, lifetimeSeconds} = delivery
  const present = await store.read(database.name)
  const places = store.placesOf(database.name)
  const kept = usableToken(present, database, botUrlOf(database))
  if (kept) return {secrets: places, token: {status: 'kept', expiresAt: kept.expiresAt.toISOString()}, warnings: []}
  const permissions = await permissionsOf(template)
  if (permissions.length === 0) return {secrets: [], token: null, warnings: [`The template ${template} is gone or allows nothing, so no token was made.`]}
  const {secrets, expiresAt} = await mintSecrets({platform, botUrlOf}, database, {lifetimeSeconds, permissions})
  const {warnings} = await store.write(database.name, secrets)
  const replaced = isOfAnother(present, database, botUrlOf(database)) ? [`The secrets of another database were replaced in ${places[0]?.scope}.`] : []
  return {secrets: places, token: {status: 'minted', expiresAt: expiresAt.toISOString()}, warnings: [...replaced, ...warnings]}
}

/** A new token with the address to use it at; nothing keeps it but the caller. */
export async function mintSecrets(
  {platform, botUrlOf}: Pick<Delivery, 'platform' | 'botUrlOf'>,
  database: PlatformDatabase,
  request: TokenRequest,
): Promise<{secrets: BotSecrets; expiresAt: Date}> {
  const {jwt, expiresAt} = await platform.createDatabaseToken(database.name, request)
  const secrets = {TURSO_DB_URL: botUrlOf(database), TURSO_AUTH_TOKEN: jwt}
  checkSecrets(secrets)
  return {secrets, expiresAt}
}

/**
 * Looks whether the store holds secrets of this database, and returns what takes them away and names them.
 *
 * @throws StratError SECRETS_UNWRITABLE
 */
export async function prepareWithdrawal({store, botUrlOf}: Pick<Delivery, 'store' | 'botUrlOf'>, database: PlatformDatabase): Promise<() => Promise<string[]>> {
  const present = await store.read(database.name)
  if (present.places.length === 0 || isOfAnother(present, database, botUrlOf(database))) return async () => []
  await store.check(database.name)
  return () => store.remove(database.name)
}

/** The token in the store, if it opens this database today. */
export function usableToken({url, token}: DeliveredSecrets, database: PlatformDatabase, botUrl: string): {expiresAt: Date} | undefined {
  if (!token || url !== botUrl || (token.databaseId !== null && token.databaseId !== database.id)) return undefined
  return token.expiresAt.getTime() > Date.now() ? token : undefined
}

/** Whether they open something else that somebody may still need. Under the same address there is nothing else: that is only what is out of date. */
function isOfAnother({url, token}: DeliveredSecrets, database: PlatformDatabase, botUrl: string): boolean {
  if (token?.databaseId === database.id) return false
  return url === null ? token !== null && token.databaseId !== null : url !== botUrl
}
