/** A token as a platform would mint it, signed by nobody: for those who only read what it says. */
export function unsignedToken({databaseId = 'database-1', expiresAt = Date.now() + 3600_000, ...claims}: Record<string, unknown> = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({alg: 'EdDSA', typ: 'JWT'})}.${part({id: databaseId, exp: Math.floor(Number(expiresAt) / 1000), ...claims})}.c2lnbmF0dXJl`
}
