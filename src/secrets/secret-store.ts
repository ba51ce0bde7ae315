import {decodeDatabaseToken} from '../database-token.ts'
import {StratError} from '../errors.ts'

/** What a bot opens its strategy's database with, under the names of its variables. `TURSO_AUTH_TOKEN` is a secret. */
export type BotSecrets = {TURSO_DB_URL: string; TURSO_AUTH_TOKEN: string}

export const secretNames = ['TURSO_DB_URL', 'TURSO_AUTH_TOKEN'] as const satisfies (keyof BotSecrets)[]

/** Where one secret is kept: the kind of store, the place in it, the variable. Never its value. */
export type SecretPlace = {store: string; scope: string; name: string}

/**
 * What is known of a token that was delivered, without the token: what some stores never tell again. The record of them is kept
 * beside the secrets and is written last, so that it may be older than the secrets, and never newer.
 */
export type TokenRecord = {
  /** Null in a token that does not name one: a group's. */
  databaseId: string | null
  /** The address that it was delivered with. */
  url: string
  /** The strategy's template when it was minted; null where that was not recorded. */
  template: string | null
  /** What it allows, as `permissionsText` has it; null where it does not say so itself. */
  permissions: string | null
  /** The first 12 hexadecimal digits of the token's SHA-256, to tell two tokens apart. */
  tokenSha256: string
  issuedAt: Date
  expiresAt: Date
  /** Which run delivered it; null where that was not recorded. */
  runId: string | null
}

/** A secret that is there, and when it was last changed, by the store's clock, where the store tells. */
export type PresentSecret = SecretPlace & {updatedAt: Date | null}

/** What is known of a strategy's secrets. Never the token. */
export type DeliveredSecrets = {
  /** The address, where it is known. */
  url: string | null
  /** Null where there is no token, or nothing is known of it. */
  token: TokenRecord | null
  /** When that was recorded, by the store's clock; null where it is no record beside the token. */
  recordedAt: Date | null
  /** What the user should know: a record that nobody can read, for instance. */
  warnings: string[]
}

/**
 * Where the secrets of bots are delivered to. Members take a strategy's name.
 * Several processes may use it at once; after a crash each secret is the old one or the new one.
 */
export interface SecretStore {
  readonly kind: 'dotenv' | 'github'

  /** Where its secrets are, or would be. */
  placesOf(strategy: string): SecretPlace[]

  /**
   * Makes sure that `write`, `record` and `remove` can do their work, and changes no secret; with `dryRun` it makes no place for them either,
   * with `isProven` it writes a secret of its own, and takes it away again, where nothing less tells that it may.
   * Throws SECRETS_UNWRITABLE, SECRET_SHADOWED where another secret hides them from the bot, and those of signing in.
   */
  check(strategy: string, options?: {dryRun?: boolean; isProven?: boolean}): Promise<void>

  /** What is known of the secrets that are there. Throws STORAGE_NEWER for a record of a newer version of strat. */
  read(strategy: string): Promise<DeliveredSecrets>

  /** Which of its secrets are there now. */
  list(strategy: string): Promise<PresentSecret[]>

  /**
   * Puts both in the place of what is there, and makes sure that the store has them. The address need not be sent where
   * `knownUrl`, which is there already, is the same. Returns what the user should know. Throws SECRETS_INVALID, SECRETS_UNWRITABLE.
   */
  write(strategy: string, secrets: BotSecrets, known?: {knownUrl: string | null}): Promise<{warnings: string[]}>

  /** Keeps what `read` tells from then on, where the secrets themselves do not tell it. Comes after `write`. */
  record(strategy: string, record: TokenRecord): Promise<void>

  /** Takes both away, and the record, and returns the names of the secrets that were there. */
  remove(strategy: string): Promise<string[]>

  /** A text of strat's own, readable, under a name of lower-case letters, digits and dashes; undefined where there is none. No secret. */
  readNote(name: string): Promise<string | undefined>

  /** Keeps such a text, or takes it away where it is undefined. */
  writeNote(name: string, text: string | undefined): Promise<void>
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
