import sodium from 'libsodium-wrappers'

export type Visibility = 'all' | 'private' | 'selected'
/** Which repositories of an organization may read something. */
export type Access = {visibility: Visibility; repositoryIds: number[]}

type Stored = {name: string; createdAt: number; updatedAt: number; access: Access | undefined}
/** `value` is undefined where the box was sealed for another scope: no job can use it. */
export type Secret = Stored & {value: string | undefined; updatedBefore: number | undefined}
export type Variable = Stored & {value: string}

type KeyPair = {publicKey: Uint8Array; privateKey: Uint8Array}

/** What an environment, a repository or an organization keeps for jobs; instants are milliseconds since 1970. */
export type Scope = {
  /** Its key pair of each generation of keys: no two scopes have the same. */
  keys: Map<string, KeyPair>
  secrets: Map<string, Secret>
  variables: Map<string, Variable>
}

export const newScope = (): Scope => ({keys: new Map(), secrets: new Map(), variables: new Map()})

export function publicKeyOf(scope: Scope, keyId: string): string {
  return sodium.to_base64(keysOf(scope, keyId).publicKey, sodium.base64_variants.ORIGINAL)
}

/** What is in a sealed box; undefined where it was sealed for somebody else. */
export function openBox(scope: Scope, keyId: string, box: Uint8Array): string | undefined {
  const {publicKey, privateKey} = keysOf(scope, keyId)
  try {
    return sodium.crypto_box_seal_open(box, publicKey, privateKey, 'text')
  } catch {
    return undefined
  }
}

/** Keeps a secret as GitHub does after a PUT, and tells whether it is new. */
export function keepSecret(scope: Scope, name: string, value: string | undefined, now: number, access?: Access): 'created' | 'updated' {
  const before = scope.secrets.get(name)
  const updatedAt = wholeSeconds(now)
  scope.secrets.set(name, {name, value, createdAt: before?.createdAt ?? updatedAt, updatedAt, updatedBefore: before?.updatedAt, access})
  return before ? 'updated' : 'created'
}

/** Keeps a variable, new or changed. */
export function keepVariable(scope: Scope, name: string, value: string, now: number, access?: Access): void {
  const updatedAt = wholeSeconds(now)
  scope.variables.set(name, {name, value, createdAt: scope.variables.get(name)?.createdAt ?? updatedAt, updatedAt, access})
}

const wholeSeconds = (instant: number) => Math.floor(instant / 1000) * 1000

function keysOf({keys}: Scope, keyId: string): KeyPair {
  const pair = keys.get(keyId) ?? sodium.crypto_box_keypair()
  keys.set(keyId, pair)
  return pair
}
