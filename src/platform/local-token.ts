import {sign} from 'node:crypto'
import type {DatabaseToken, TokenRequest} from './platform.ts'

/**
 * Signs a database token as Turso's are: a JWT with EdDSA (Ed25519) and the claims `a` (access), `id` (the database's),
 * `iat`, `exp` and `perm` (`[{t, a}]`, its fine-grained permissions).
 */
export function signDatabaseToken(signingKey: string, databaseId: string, {lifetimeSeconds, permissions, readOnly = false}: TokenRequest): DatabaseToken {
  const issuedAt = Math.floor(Date.now() / 1000)
  const expiresAt = issuedAt + lifetimeSeconds
  const perm = permissions?.map(({tables, actions}) => ({t: tables, a: actions}))
  const claims = {a: readOnly ? 'ro' : 'rw', id: databaseId, iat: issuedAt, exp: expiresAt, ...(perm && {perm})}
  const unsigned = `${base64url({alg: 'EdDSA', typ: 'JWT'})}.${base64url(claims)}`
  const signature = sign(null, Buffer.from(unsigned), signingKey).toString('base64url')
  return {jwt: `${unsigned}.${signature}`, expiresAt: new Date(expiresAt * 1000)}
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
