import {decodeDatabaseToken} from '../database-token.ts'
import {StratError} from '../errors.ts'

/** What a bot opens its strategy's database with, under the names of its variables. `TURSO_AUTH_TOKEN` is a secret. */
export type BotSecrets = {TURSO_DB_URL: string; TURSO_AUTH_TOKEN: string}

export const secretNames = ['TURSO_DB_URL', 'TURSO_AUTH_TOKEN'] as const satisfies (keyof BotSecrets)[]

/** Where one secret is kept: the kind of store, the place in it, the variable. Never its value. */
export type SecretPlace = {store: string; scope: string; name: string}

/** What can be told of the secrets that a strategy has: which are there, and whose they are. Never the token. */
export type DeliveredSecrets = {
  places: SecretPlace[]
  url: string | null
  /** Null where there is no token, or none that can be read; `databaseId` is null where the token does not name one. */
  token: {databaseId: string | null; expiresAt: Date} | null
}

/**
 * Where the secrets of bots are delivered to. Every member takes a strategy's name.
 * Several processes may use it at once; after a crash it holds the old secrets or the new ones.
 */
export interface SecretStore {
  /** Where its secrets are, or would be. */
  placesOf(strategy: string): SecretPlace[]

  /** Makes sure that `write` and `remove` can do their work, and changes nothing. Throws SECRETS_UNWRITABLE. */
  check(strategy: string): Promise<void>

  /** What is there. */
  read(strategy: string): Promise<DeliveredSecrets>

  /** Puts both in the place of what is there. Returns what the user should know. Throws SECRETS_INVALID, SECRETS_UNWRITABLE. */
  write(strategy: string, secrets: BotSecrets): Promise<{warnings: string[]}>

  /** Takes both away, and returns the names of those that were there. */
  remove(strategy: string): Promise<string[]>
}

/** So plain that dotenv files, shells and docker take it without quotes. */
const plainUrl = /^https?:\/\/[\w.:[\]-]+(?:\/[\w.~%-]+)*$/

/**
 * Makes sure that no store and no output ever gets an empty value, one with a line break, or a token that is none.
 *
 * @throws StratError SECRETS_INVALID, which repeats no value
 */
export function checkSecrets({TURSO_DB_URL, TURSO_AUTH_TOKEN}: BotSecrets): void {
  if (!plainUrl.test(TURSO_DB_URL)) throw invalid('TURSO_DB_URL would be no http(s) URL of host, port and path alone')
  if (!decodeDatabaseToken(TURSO_AUTH_TOKEN)) throw invalid('TURSO_AUTH_TOKEN would be no database token with an expiry')
}

const invalid = (reason: string) =>
  new StratError('SECRETS_INVALID', `What the bot should get is not usable: ${reason}.`, {
    suggestions: ['Run the same command again.', 'strat config shows the addresses that are used.'],
  })
