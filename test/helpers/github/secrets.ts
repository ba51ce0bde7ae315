import {type Answer, isoSeconds, pageOf, refuse} from './answer.ts'
import type {ScopeCall} from './call.ts'
import {byName, complaintOfName, nameOf} from './names.ts'
import {accessOf, complaintOfAccess, describeAccess, newAccess} from './organization.ts'
import {keepSecret, openBox, publicKeyOf, type Secret} from './scope.ts'
import type {Github} from './state.ts'

const most = 100
const mostBytes = 48 * 1024
/** What a sealed box is longer than its contents. */
const sealBytes = 48

export function listSecrets({github, scope, url, organization}: ScopeCall): Answer {
  const isStale = takeStaleRead(github)
  const all = [...scope.secrets.values()].flatMap((secret) => describe(secret, isStale, organization, url) ?? [])
  return pageOf(byName(all), 'secrets', url)
}

export function getPublicKey({github, scope}: ScopeCall): Answer {
  return {status: 200, body: {key_id: github.keyId, key: publicKeyOf(scope, github.keyId)}}
}

export function getSecret({github, scope, params, url, organization}: ScopeCall): Answer {
  const secret = scope.secrets.get(nameOf(params))
  const body = secret && describe(secret, takeStaleRead(github), organization, url)
  return body ? {status: 200, body} : refuse(404, 'Not Found')
}

/** A box that was sealed for another scope is taken, as GitHub has done; only nobody can open it then. */
export function putSecret({github, scope, params, body, organization}: ScopeCall): Answer {
  const name = nameOf(params)
  const {encrypted_value: sealed, key_id: keyId} = body as {encrypted_value: string; key_id: string}
  const wrong = complaintOfName(name, 'Secret') ?? (organization && complaintOfAccess(github, body))
  if (wrong) return refuse(422, wrong)
  if (keyId !== github.keyId) return refuse(422, 'Bad request - key ID does not match the current one')
  const box = Buffer.from(sealed, 'base64')
  if (box.length < sealBytes) return refuse(422, 'Bad request - validation failed due to an improperly encrypted secret')
  if (box.length - sealBytes > mostBytes) return refuse(422, 'Secret value is too large, it must be at most 48 KB')
  if (!scope.secrets.has(name) && scope.secrets.size >= most) return refuse(422, `You may have at most ${most} secrets`)
  const access = organization && newAccess(body, accessOf(scope.secrets.get(name)))
  const outcome = keepSecret(scope, name, openBox(scope, keyId, box), github.now(), access)
  return outcome === 'created' ? {status: 201, body: {}} : {status: 204}
}

export function deleteSecret({scope, params}: ScopeCall): Answer {
  return scope.secrets.delete(nameOf(params)) ? {status: 204} : refuse(404, 'Not Found')
}

function takeStaleRead(github: Github): boolean {
  if (github.staleReads === 0) return false
  github.staleReads--
  return true
}

/** Undefined while a new secret does not show yet. */
function describe(secret: Secret, isStale: boolean, organization: ScopeCall['organization'], url: URL) {
  const updatedAt = isStale ? secret.updatedBefore : secret.updatedAt
  if (updatedAt === undefined) return undefined
  const times = {created_at: isoSeconds(secret.createdAt), updated_at: isoSeconds(updatedAt)}
  return {name: secret.name, ...times, ...(organization && describeAccess(secret, `/orgs/${organization.login}/actions/secrets`, url))}
}
