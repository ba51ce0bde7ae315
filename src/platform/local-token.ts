import {randomUUID, sign} from 'node:crypto'
import type {DatabaseToken, Permission, TokenRequest} from './platform.ts'

/** What a database token says, in the words of Turso's: `a` is the access, `id` a database's or `gid` a group's, `exp` in seconds since 1970. */
export type TokenClaims = {a: 'rw' | 'ro'; exp?: number; perm?: {t: string[] | null; a: Permission['actions']}[]} & ({id: string} | {gid: string})

/** Signs claims as Turso does: a JWT with EdDSA (Ed25519). `iat` and `rid`, which no two tokens share, are added. */
export function signToken(signingKey: string, claims: TokenClaims): string {
  const issuedAt = Math.floor(Date.now() / 1000)
  const unsigned = `${base64url({alg: 'EdDSA', typ: 'JWT'})}.${base64url({...claims, iat: issuedAt, rid: randomUUID()})}`
  return `${unsigned}.${sign(null, Buffer.from(unsigned), signingKey).toString('base64url')}`
}

/** Signs a token that opens one database until it expires, with full access or with fine-grained permissions (`perm`). */
export function signDatabaseToken(signingKey: string, databaseId: string, {lifetimeSeconds, permissions, readOnly = false}: TokenRequest): DatabaseToken {
  const exp = Math.floor(Date.now() / 1000) + lifetimeSeconds
  const perm = permissions?.map(({tables, actions}) => ({t: tables, a: actions}))
  return {jwt: signToken(signingKey, {a: readOnly ? 'ro' : 'rw', id: databaseId, exp, ...(perm && {perm})}), expiresAt: new Date(exp * 1000)}
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
