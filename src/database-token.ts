/** What a database token says of itself; whether it is genuine, only its server knows. `databaseId` is null in a token for a group. */
export type DatabaseTokenClaims = {databaseId: string | null; expiresAt: Date}

/** Reads a database token (a JWT), or returns undefined for anything else, also for one that never expires. */
export function decodeDatabaseToken(jwt: string): DatabaseTokenClaims | undefined {
  const parts = /^([\w-]+)\.([\w-]+)\.[\w-]+$/.exec(jwt)
  const [header, claims] = [toObject(parts?.[1]), toObject(parts?.[2])]
  const expiry = claims?.['exp']
  if (typeof header?.['alg'] !== 'string' || typeof expiry !== 'number' || !(expiry > 0 && expiry < 1e11)) return undefined
  return {databaseId: typeof claims?.['id'] === 'string' ? claims['id'] : null, expiresAt: new Date(expiry * 1000)}
}

function toObject(part: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString())
    return typeof value === 'object' && value !== null ? {...value} : undefined
  } catch {
    return undefined
  }
}
