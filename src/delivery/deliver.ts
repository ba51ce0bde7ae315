import type {Permission, PlatformDatabase} from '../platform/platform.ts'
import type {DeliveredSecrets, SecretPlace, SecretStore} from '../secrets/secret-store.ts'
import type {WorkflowRuns} from '../secrets/workflow-runs.ts'
import {type Minting, mintSecrets, recordOf} from './mint.ts'

/** What it takes to give a strategy's bot its secrets. */
export type Delivery = Minting & {
  store: SecretStore
  /** The runs of the repository whose secrets the store keeps, where it is one of a repository. */
  workflowRuns?: WorkflowRuns | undefined
  /** What a template lets a bot do; nothing where there is no such template any more. */
  permissionsOf: (template: string) => Promise<Permission[]>
  lifetimeSeconds: number
  /** The id of this run, for the record. */
  runId: string
}

/** Where a bot's secrets are now; `token` is null where it has none. */
export type Delivered = {secrets: SecretPlace[]; token: {status: 'minted' | 'kept'; expiresAt: string} | null; warnings: string[]}

/**
 * Gives a strategy's bot the database's address and a token that may do what the template says. What is there and good stays,
 * so that it may be run again after a crash at any point: then at most a token was minted that nobody has.
 */
export async function deliverSecrets(delivery: Delivery, database: PlatformDatabase, template: string): Promise<Delivered> {
  const {store, permissionsOf, botUrlOf, lifetimeSeconds} = delivery
  const {name} = database
  const [present, list] = await Promise.all([store.read(name), store.list(name)])
  const places = store.placesOf(name)
  const botUrl = botUrlOf(database)
  const kept = list.length === places.length ? usableToken(present, database, botUrl) : undefined
  if (kept) return {secrets: places, token: {status: 'kept', expiresAt: kept.expiresAt.toISOString()}, warnings: present.warnings}
  const permissions = await permissionsOf(template)
  if (permissions.length === 0) return {secrets: [], token: null, warnings: [`The template ${template} is gone or allows nothing, so no token was made.`]}
  const {secrets, expiresAt} = await mintSecrets(delivery, database, {lifetimeSeconds, permissions})
  const {warnings} = await store.write(name, secrets)
  await store.record(name, await recordOf(secrets, {databaseId: database.id, template, permissions, runId: delivery.runId}))
  const replaced = isOfAnother(present, database, botUrl) ? [`The secrets of another database were replaced in ${places[0]?.scope}.`] : []
  return {secrets: places, token: {status: 'minted', expiresAt: expiresAt.toISOString()}, warnings: [...present.warnings, ...replaced, ...warnings]}
}

/**
 * Looks whether the store holds secrets of this database, and returns what takes them away and names them.
 *
 * @throws StratError SECRETS_UNWRITABLE
 */
export async function prepareWithdrawal({store, botUrlOf}: Pick<Delivery, 'store' | 'botUrlOf'>, database: PlatformDatabase): Promise<() => Promise<string[]>> {
  const [present, list] = await Promise.all([store.read(database.name), store.list(database.name)])
  if (list.length === 0 || isOfAnother(present, database, botUrlOf(database))) return async () => []
  // So that nothing is taken away where not all can be.
  await store.check(database.name, {isProven: true})
  return () => store.remove(database.name)
}

/** The token in the store, if it opens this database today. */
export function usableToken({url, token}: DeliveredSecrets, database: PlatformDatabase, botUrl: string): {expiresAt: Date} | undefined {
  if (!token || url !== botUrl || (token.databaseId !== null && token.databaseId !== database.id)) return undefined
  return token.expiresAt.getTime() > Date.now() ? token : undefined
}

/** The address that a store is known to have: where the record is of this very database. */
export const knownUrlOf = ({token}: DeliveredSecrets, {id}: PlatformDatabase) => (token?.databaseId === id ? token.url : null)

/** Whether they open something else that somebody may still need. Under the same address there is nothing else: that is only what is out of date. */
export function isOfAnother({url, token}: DeliveredSecrets, database: PlatformDatabase, botUrl: string): boolean {
  if (token?.databaseId === database.id) return false
  return url === null ? token !== null && token.databaseId !== null : url !== botUrl
}
