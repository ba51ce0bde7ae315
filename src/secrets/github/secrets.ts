import {setTimeout} from 'node:timers/promises'
import {StratError} from '../../errors.ts'
import {type GithubApi, orMissing} from './api.ts'
import {organizationNotFound} from './explain.ts'
import {answerInvalid, GithubRefusal, unavailable} from './github-errors.ts'
import {accessOf} from './organization.ts'
import type {Scope} from './scope.ts'
import {type PublicKey, seal} from './sealed-box.ts'

/** When each secret of a place was last changed, by its name. */
export type SecretTimes = Map<string, number>

/** The secrets of a place; an environment that is not there has none. */
export async function listSecrets({send, host}: GithubApi, path: string): Promise<SecretTimes> {
  const times: SecretTimes = new Map()
  for (let page = 1; ; page++) {
    const answer = await orMissing(send(`GET ${path}?per_page=100${page > 1 ? `&page=${page}` : ''}`))
    if (!answer) return times
    const {total_count: total, secrets} = (answer.data ?? {}) as {total_count?: unknown; secrets?: {name: string; updated_at: string}[]}
    if (typeof total !== 'number' || !Array.isArray(secrets)) throw answerInvalid(host)
    for (const {name, updated_at: updatedAt} of secrets) times.set(name, Date.parse(updatedAt))
    if (times.size >= total || secrets.length === 0) return times
  }
}

/** The keys that secrets are sealed with: one for each scope, and each scope takes a box that was sealed with another's, and cannot open it. */
export class ScopeKeys {
  readonly #api: GithubApi
  readonly #keys = new Map<string, Promise<PublicKey>>()

  constructor(api: GithubApi) {
    this.#api = api
  }

  /** The key of a scope, asked for once; an environment that is not there is made. */
  get(scope: Scope): Promise<PublicKey> {
    return this.#keys.get(scope.secrets) ?? this.refresh(scope)
  }

  /** Makes sure that there is one, or would be; makes nothing. */
  async peek(scope: Scope): Promise<void> {
    const answer = await orMissing(this.#api.send(`GET ${scope.secrets}/public-key`))
    if (!answer) await this.#explainMissing(scope)
  }

  /** Asks for it anew. */
  refresh(scope: Scope): Promise<PublicKey> {
    const key = this.#fetch(scope)
    this.#keys.set(scope.secrets, key)
    key.catch(() => this.#keys.delete(scope.secrets))
    return key
  }

  async #fetch(scope: Scope): Promise<PublicKey> {
    const ask = () => this.#api.send(`GET ${scope.secrets}/public-key`)
    let answer = await orMissing(ask())
    if (!answer) {
      await this.#explainMissing(scope)
      if (scope.environment) await makeEnvironment(this.#api, scope.environment, scope.title)
      answer = await ask()
    }
    const {key_id: keyId, key} = (answer.data ?? {}) as {key_id?: unknown; key?: unknown}
    if (typeof keyId !== 'string' || typeof key !== 'string' || Buffer.from(key, 'base64').length !== 32) throw answerInvalid(this.#api.host)
    return {keyId, key}
  }

  async #explainMissing({kind, title}: Scope): Promise<void> {
    await this.#api.requireRepository()
    if (kind === 'organization') throw organizationNotFound(title)
  }
}

/** Only where it is not there, since that may reset its protection rules, and without a body, which would set them. */
async function makeEnvironment({send}: GithubApi, path: string, title: string): Promise<void> {
  // Who may not look may still make it.
  if (await orMissing(send(`GET ${path}`)).catch(() => undefined)) return
  try {
    await send(`PUT ${path}`)
  } catch (error) {
    if (!(error instanceof StratError && error.code === 'GITHUB_FORBIDDEN')) throw error
    const {code, message, suggestions} = error
    throw new StratError(code, message, {
      suggestions: [`Make the ${title} in the repository's settings: only making one needs this permission.`, ...suggestions],
    })
  }
}

/** Sends one secret, sealed, and returns the instant before which it was not changed, by GitHub's clock; NaN where that does not tell. */
export async function putSecret(api: GithubApi, keys: ScopeKeys, scope: Scope, {name, value}: {name: string; value: string}): Promise<number> {
  const put = async ({keyId, key}: PublicKey) => {
    const body = {encrypted_value: await seal(value, {keyId, key}), key_id: keyId, ...(scope.kind === 'organization' && (await accessOf(api, scope, name)))}
    const {headers, tookMs} = await api.send(`PUT ${scope.secrets}/${name}`, body)
    // The header is in whole seconds, as are the times of secrets.
    return Date.parse(String(headers['date'])) - tookMs - 1000
  }
  try {
    return await put(await keys.get(scope))
  } catch (error) {
    // The key was changed since, or the environment went away.
    if (!(error instanceof GithubRefusal && (error.status === 422 || error.status === 404))) throw error
    return put(await keys.refresh(scope))
  }
}

/**
 * Waits until the list of secrets shows that this one was changed, and returns the list.
 *
 * @throws StratError GITHUB_UNAVAILABLE
 */
export async function confirmSecret(api: GithubApi, scope: Scope, name: string, {since, confirmMs}: {since: number; confirmMs: number}): Promise<SecretTimes> {
  const start = performance.now()
  for (let delayMs = 250; ; delayMs *= 2) {
    const times = await listSecrets(api, scope.secrets)
    const time = times.get(name)
    if (time !== undefined && !(time < since)) return times
    if (performance.now() - start + delayMs > confirmMs) break
    await setTimeout(delayMs)
  }
  throw unavailable(api.host, `it took ${name}, but does not show it as changed in the ${scope.title} after ${confirmMs / 1000} seconds`)
}

/** Takes a secret away, if there is one. */
export async function deleteSecret({send}: GithubApi, {secrets}: Scope, name: string): Promise<void> {
  await orMissing(send(`DELETE ${secrets}/${name}`))
}
