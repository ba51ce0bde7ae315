import {permissionsText} from '../database-token.ts'
import type {Permission, PlatformDatabase} from '../platform/platform.ts'
import type {DeliveredSecrets} from '../secrets/secret-store.ts'
import {timeSpan} from '../time-span.ts'

/** When tokens are replaced: each `intervalSeconds` after it was issued, and where it was to live shorter than `lifetimeSeconds`, in time before it expires. */
export type RotationPolicy = {lifetimeSeconds: number; intervalSeconds: number}

export type Wanted = {database: Pick<PlatformDatabase, 'id'>; botUrl: string; permissions: Permission[]; policy: RotationPolicy; now: Date}

/** Why a new token is due, as a clause; undefined while the one that was delivered is what the bot should have. */
export function reasonToRotate(present: DeliveredSecrets, wanted: Wanted): string | undefined {
  const {token} = present
  return reasonBesidesAge(present, wanted) ?? (token ? reasonOfAge(token, wanted.policy, wanted.now) : undefined)
}

/** Why the token that was delivered is not what the bot should have, however new it is. */
export function reasonBesidesAge(
  {token}: DeliveredSecrets,
  {database, botUrl, permissions}: Pick<Wanted, 'database' | 'botUrl' | 'permissions'>,
): string | undefined {
  if (!token) return 'nothing is known of a token'
  if (token.databaseId !== null && token.databaseId !== database.id) return 'its token is for a database that was destroyed'
  if (token.url !== botUrl) return 'the address of its database has changed'
  return token.permissions === permissionsText(permissions) ? undefined : 'its template allows something else than its token'
}

function reasonOfAge(
  {issuedAt, expiresAt}: {issuedAt: Date; expiresAt: Date},
  {lifetimeSeconds, intervalSeconds}: RotationPolicy,
  now: Date,
): string | undefined {
  const ageSeconds = (now.getTime() - issuedAt.getTime()) / 1000
  const leftSeconds = (expiresAt.getTime() - now.getTime()) / 1000
  if (leftSeconds <= 0) return 'its token has expired'
  // A job that comes a little earlier than the last time must not leave it until the next.
  if (ageSeconds >= intervalSeconds - slackSeconds(intervalSeconds)) return `its token is ${timeSpan(ageSeconds)} old`
  if (ageSeconds < -day) return 'its token is from the future: a clock is wrong'
  return leftSeconds <= Math.min(intervalSeconds, lifetimeSeconds - intervalSeconds) ? `its token expires in ${timeSpan(leftSeconds)}` : undefined
}

const day = 86_400

const slackSeconds = (intervalSeconds: number) => Math.min(day, intervalSeconds / 2)
