import {createPublicKey, type KeyObject, verify} from 'node:crypto'
import type {Permission} from '../platform/platform.ts'

/** What the registry knows of a database whose token is to be checked. */
export type TokenKeys = {id: string; groupId: string; signingKey: string; groupSigningKey: string}

/** What a token that is good for a database allows there. */
export type TokenAccess = {isReadOnly: boolean; permissions: Permission[] | undefined}

/** Why a token is refused: the status and the reason, in sqld's words. */
export class TokenRefusal extends Error {
  readonly status: 400 | 401 | 404

  constructor(status: TokenRefusal['status'], reason: string) {
    super(reason)
    this.status = status
  }
}

type Claims = {a?: unknown; id?: unknown; gid?: unknown; exp?: unknown; aud?: unknown; perm?: unknown; p?: unknown}

/** Seconds that a token is taken for good after its `exp`, as sqld does. */
const graceSeconds = 60
const cacheLimit = 1000

/** Checks database tokens: JWTs signed with the Ed25519 key of their database, or of its group. A good one is verified once. */
export class DatabaseTokens {
  readonly #isCloud: boolean
  readonly #verified = new Map<string, {key: string; claims: Claims}>()

  constructor({isCloud}: {isCloud: boolean}) {
    this.#isCloud = isCloud
  }

  /** @throws TokenRefusal */
  check(header: string | undefined, database: string, keys: TokenKeys): TokenAccess & {token: string} {
    const token = bearerOf(header)
    const claims = this.#claimsOf(token, database, keys)
    if (typeof claims.exp === 'number' && claims.exp + graceSeconds <= Date.now() / 1000) throw new TokenRefusal(401, 'The JWT has expired')
    return {
      token,
      isReadOnly: claims.a === 'ro' || (claims.p !== undefined && !namespacesOf(claims.p, 'rw').includes(database)),
      permissions: permissionsOf(claims.perm),
    }
  }

  #claimsOf(token: string, database: string, keys: TokenKeys): Claims {
    const known = this.#verified.get(token)
    const claims = known?.claims ?? parseClaims(token) ?? this.#malformed()
    if (isForAnother(claims, database, keys)) throw this.#isCloud ? invalid() : new TokenRefusal(404, `Namespace \`${database}\` doesn't exist`)
    const key = claims.id === undefined && claims.gid !== undefined ? keys.groupSigningKey : keys.signingKey
    if (known?.key === key) return claims
    if (!isSigned(token, createPublicKey(key)) || !isSound(claims)) throw invalid()
    if (this.#verified.size >= cacheLimit) this.#verified.clear()
    this.#verified.set(token, {key, claims})
    return claims
  }

  #malformed(): never {
    throw this.#isCloud ? new TokenRefusal(400, 'JWT error: InvalidToken') : invalid()
  }
}

const invalid = () => new TokenRefusal(401, 'The JWT is invalid')

function bearerOf(header: string | undefined): string {
  if (header === undefined) throw new TokenRefusal(401, 'Expected authorization header but none given')
  const [, scheme, token] = /^(\S+)\s+(.*)$/.exec(header) ?? []
  if (scheme === undefined || token === undefined) throw new TokenRefusal(401, "Auth string does not conform to '<scheme> <token>' form")
  if (scheme.toLowerCase() === 'bearer') return token
  throw new TokenRefusal(401, 'The authentication scheme in the `Authorization` HTTP header is not supported')
}

function isForAnother({id, gid, p}: Claims, database: string, keys: TokenKeys): boolean {
  if (p !== undefined && ![...namespacesOf(p, 'rw'), ...namespacesOf(p, 'ro')].includes(database)) return true
  return id === undefined ? gid !== undefined && gid !== keys.groupId : id !== keys.id
}

/** sqld's own way to name databases in a token: `p: {rw: {ns: […]}, ro: {ns: […]}}`. */
function namespacesOf(p: unknown, access: 'rw' | 'ro'): unknown[] {
  const {[access]: rights} = Object(p) as {[key in 'rw' | 'ro']?: {ns?: unknown}}
  const names = rights?.ns
  return Array.isArray(names) ? names : []
}

function parseClaims(token: string): Claims | undefined {
  const [head, body, signature, ...more] = token.split('.')
  if (!head || !body || !signature || more.length > 0) return undefined
  const header = parsePart(head)
  const claims = parsePart(body)
  return header?.['alg'] === 'EdDSA' ? claims : undefined
}

function parsePart(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? {...value} : undefined
  } catch {
    return undefined
  }
}

function isSigned(token: string, key: KeyObject): boolean {
  const end = token.lastIndexOf('.')
  return verify(null, Buffer.from(token.slice(0, end)), key, Buffer.from(token.slice(end + 1), 'base64url'))
}

/** A claim that is not understood is no claim to be passed over: what it limits is unknown. */
function isSound({a, exp, aud, perm}: Claims): boolean {
  const isAccess = a === undefined || a === 'rw' || a === 'ro'
  const isExpiry = exp === undefined || (typeof exp === 'number' && Number.isInteger(exp) && exp >= 0)
  return isAccess && isExpiry && aud === undefined && (perm === undefined || (Array.isArray(perm) && perm.every(isRule)))
}

function isRule(rule: unknown): rule is {t?: string[] | null; a: Permission['actions']} {
  if (typeof rule !== 'object' || rule === null) return false
  const {t, a} = rule as {t?: unknown; a?: unknown}
  return (t === undefined || t === null || isTexts(t)) && isTexts(a)
}

const isTexts = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string')

function permissionsOf(perm: unknown): Permission[] | undefined {
  return Array.isArray(perm) ? perm.filter(isRule).map(({t, a}) => ({tables: t ?? null, actions: a})) : undefined
}
