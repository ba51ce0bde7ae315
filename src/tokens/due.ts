import {permissionsText} from '../database-token.ts'
import type {Permission, PlatformDatabase} from '../platform/platform.ts'
import type {DeliveredSecrets} from '../secrets/secret-store.ts'
import {timeSpan} from '../time-span.ts'

/** When tokens are replaced: each `intervalSeconds` after it was issued, at the latest that long before it expires. */
export type RotationPolicy = {lifetimeSeconds: number; intervalSeconds: number}

export type Wanted = {database: Pick<PlatformDatabase, 'id'>; botUrl: string; permissions: Permission[]; policy: RotationPolicy; now: Date}

/** Why a new token is due, as a clause; undefined while the one that was delivered is what the bot should have. */
export function reasonToRotate({token}: DeliveredSecrets, {database, botUrl, permissions, policy, now}: Wanted): string | undefined {
  if (!token) return 'nothing is known of a token'
  if (token.databaseId !== null && token.databaseId !== database.id) return 'its token is for a database that was destroyed'
  if (token.url !== botUrl) return 'the address of its database has changed'
  if (token.permissions !== permissionsText(permissions)) return 'its template allows something else than its token'
  return reasonOfAge(token, policy, now)
}

function reasonOfAge({issuedAt, expiresAt}: {issuedAt: Date; expiresAt: Date}, {intervalSeconds}: RotationPolicy, now: Date): string | undefined {
  const ageSeconds = (now.getTime() - issuedAt.getTime()) / 1000
  const leftSeconds = (expiresAt.getTime() - now.getTime()) / 1000
  if (leftSeconds <= 0) return 'its token has expired'
  // A job that comes a little earlier than the last time must not leave it until the next.
  if (ageSeconds >= intervalSeconds - slackSeconds(intervalSeconds)) return `its token is ${timeSpan(ageSeconds)} old`
  if (ageSeconds < -day) return 'its token is from the future: a clock is wrong'
  return leftSeconds <= intervalSeconds ? `its token expires in ${timeSpan(leftSeconds)}` : undefined
}

const day = 86_400

const slackSeconds = (intervalSeconds: number) => Math.min(day, intervalSeconds / 2)
