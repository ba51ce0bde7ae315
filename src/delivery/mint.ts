import {decodeDatabaseToken, permissionsText} from '../database-token.ts'
import type {Permission, Platform, PlatformDatabase, TokenRequest} from '../platform/platform.ts'
import {fingerprintOf} from '../secrets/fingerprint.ts'
import {type BotSecrets, checkSecrets, type TokenRecord} from '../secrets/secret-store.ts'

/** What it takes to mint tokens for bots. */
export type Minting = {
  platform: Pick<Platform, 'createDatabaseToken'>
  /** Where a bot reaches a database. */
  botUrlOf: (database: PlatformDatabase) => string
  /** Hears of each token before it is anywhere else. */
  onMinted?: (databaseToken: string) => void
}

/** A new token with the address to use it at; nothing keeps it but the caller. */
export async function mintSecrets(
  {platform, botUrlOf, onMinted}: Minting,
  database: PlatformDatabase,
  request: TokenRequest,
): Promise<{secrets: BotSecrets; expiresAt: Date}> {
  const {jwt, expiresAt} = await platform.createDatabaseToken(database.name, request)
  onMinted?.(jwt)
  const secrets = {TURSO_DB_URL: botUrlOf(database), TURSO_AUTH_TOKEN: jwt}
  checkSecrets(secrets)
  return {secrets, expiresAt}
}

/** What is known of new secrets once they are delivered. */
export async function recordOf(
  {TURSO_DB_URL, TURSO_AUTH_TOKEN}: BotSecrets,
  {databaseId, template, permissions, runId}: {databaseId: string; template: string; permissions: Permission[]; runId: string},
): Promise<TokenRecord> {
  const claims = decodeDatabaseToken(TURSO_AUTH_TOKEN)
  return {
    databaseId,
    url: TURSO_DB_URL,
    template,
    permissions: permissionsText(permissions),
    tokenSha256: await fingerprintOf(TURSO_AUTH_TOKEN),
    issuedAt: claims?.issuedAt ?? new Date(),
    expiresAt: claims?.expiresAt ?? new Date(0),
    runId,
  }
}
