import {StratError} from '../../errors.ts'
import {appInvalid} from './app-invalid.ts'
import type {Exchange} from './client.ts'
import type {GithubApp} from './credentials.ts'
import {answerInvalid, GithubRefusal} from './github-errors.ts'

/** A token of an App's installation, a secret, and the instant it ends, by our clock in milliseconds. */
export type InstallationToken = {token: string; endsAt: number}

export type AppTokenOptions = {
  exchange: Exchange
  host: string
  app: GithubApp
  /** `owner/name`. */
  repository: string
  /** What it is for; of these it gets those that the installation has. */
  permissions: readonly string[]
  /** Hears once that our clock is wrong. */
  onWarning: (warning: string) => void
}

/** Asks for tokens that are good for one repository only. Each call makes a new one. */
export function appTokens({exchange, host, app, repository, permissions, onWarning}: AppTokenOptions): () => Promise<InstallationToken> {
  /** How far GitHub's clock is ahead of ours. */
  let aheadMs = 0

  const asApp = async (route: string, body?: Record<string, unknown>) => {
    const send = async () => exchange(route, {authorization: `Bearer ${await signJwt(app, Date.now() + aheadMs)}`, ...(body && {body})})
    try {
      return await send()
    } catch (error) {
      const differenceMs = error instanceof GithubRefusal && isAboutClock(error) ? Date.parse(String(error.headers['date'])) - Date.now() : Number.NaN
      // A second answer of this kind is not about the clock.
      if (aheadMs !== 0 || !differenceMs) throw error
      aheadMs = differenceMs
      onWarning(`The clock of this machine is ${secondsOf(differenceMs)} GitHub's; strat goes by GitHub's now.`)
      return send()
    }
  }

  return async () => {
    const {data: installation} = await asApp(`GET /repos/${repository}/installation`)
    const {id, permissions: granted = {}} = (installation ?? {}) as {id?: unknown; permissions?: Record<string, unknown>}
    if (typeof id !== 'number') throw answerInvalid(host)
    const wanted = Object.fromEntries(permissions.flatMap((name) => (granted[name] ? [[name, granted[name]]] : [])))
    const body = {repositories: [repository.split('/')[1]], ...(Object.keys(wanted).length > 0 && {permissions: wanted})}
    const {data} = await asApp(`POST /app/installations/${id}/access_tokens`, body)
    const {token, expires_at: expiresAt} = (data ?? {}) as {token?: unknown; expires_at?: unknown}
    const endsAt = Date.parse(String(expiresAt)) - aheadMs
    if (typeof token !== 'string' || Number.isNaN(endsAt)) throw answerInvalid(host)
    return {token, endsAt}
  }
}

const isAboutClock = ({status, message}: GithubRefusal) => status === 401 && /'(Expiration time|Issued at)' claim|\b(iat|exp)\b/i.test(message)

const secondsOf = (differenceMs: number) => `${Math.round(Math.abs(differenceMs) / 1000)} seconds ${differenceMs > 0 ? 'behind' : 'ahead of'}`

/** A minute back, for clocks differ; GitHub takes at most ten minutes ahead. */
async function signJwt({id, privateKey}: GithubApp, nowMs: number): Promise<string> {
  const {createPrivateKey, sign} = await import('node:crypto')
  if (!/^[\w.-]+$/.test(id)) throw appInvalid('its id is empty or malformed')
  const nowS = Math.floor(nowMs / 1000)
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const content = `${part({alg: 'RS256', typ: 'JWT'})}.${part({iat: nowS - 60, exp: nowS + 480, iss: id})}`
  try {
    // Many a CI has it on one line.
    const key = createPrivateKey(privateKey.replaceAll('\\n', '\n').trim())
    if (key.asymmetricKeyType !== 'rsa') throw appInvalid('its private key is no RSA key')
    return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`
  } catch (error) {
    // Without the cause: it may quote the key.
    throw error instanceof StratError ? error : appInvalid('its private key is no PEM file that can be read')
  }
}
