import {StratError} from '../errors.ts'
import {isLoopback, networkFailureOf} from '../network-error.ts'
import {Retryable, retryAfterMsOf, retrying} from '../retry.ts'
import {answerInvalid, rateLimited, TursoRefusal, unauthenticated, unavailable} from './turso-errors.ts'

export type TursoApiOptions = {
  /** Without `/v1`. */
  apiUrl: string
  /** The platform token, a secret; undefined where there is none. */
  apiToken: string | undefined
  limits?: TursoLimits
}

/** How long is waited, in milliseconds: for one answer, until the API is there again, until it takes requests again. */
export type TursoLimits = {answerMs: number; outageMs: number; rateLimitMs: number}

const defaultLimits: TursoLimits = {answerMs: 30_000, outageMs: 6000, rateLimitMs: 60_000}

export type SendOptions = {
  method?: string
  /** JSON. */
  body?: string
  /** Whether doing it twice is doing it once. What is not is sent again only where it was certainly not executed. Default: what only reads is. */
  isRepeatable?: boolean
}

/**
 * Sends one request; `path` is relative to `…/v1/`. Resolves to the answer's JSON, undefined for an empty one.
 *
 * @throws TursoRefusal; StratError TURSO_UNAUTHENTICATED, TURSO_INSECURE, TURSO_RATE_LIMITED, TURSO_UNAVAILABLE, TURSO_ANSWER_INVALID
 */
export type Send = (path: string, options?: SendOptions) => Promise<unknown>

/** The sender of requests to Turso's Platform API: obeys `Retry-After`, waits for no answer for ever, and never doubles what must not be. */
export function tursoApi({apiUrl, apiToken, limits = defaultLimits}: TursoApiOptions): Send {
  const base = new URL(`${apiUrl}/v1/`)
  return async (path, {method = 'GET', body, isRepeatable = method === 'GET'} = {}) => {
    const url = new URL(path, base)
    const token = checkToken(apiToken, base)
    const headers = {authorization: `Bearer ${token}`, 'user-agent': 'strat', ...(body !== undefined && {'content-type': 'application/json'})}
    const request = {method, headers, body: body ?? null}
    return retrying(async () => {
      const answer = await exchange(url, request, limits.answerMs)
      if (answer.failure) throw outage(answer.failure.isTransient && (isRepeatable || answer.failure.isUnsent), answer.failure.error)
      const {status, headers, text} = answer
      const retryAfterMs = retryAfterMsOf(headers.get('retry-after'))
      if (status === 429) throw new Retryable(rateLimited(base.host, retryAfterMs), {patienceMs: limits.rateLimitMs, retryAfterMs})
      if (status >= 500) throw outage(isRepeatable, unavailable(base.host, `it answered with HTTP ${status}`), retryAfterMs)
      // A refusal may quote the token.
      return read(base.host, status, status < 400 ? text : text.replaceAll(token, '…'))
    })
  }

  function outage(mayRepeat: boolean, error: StratError, retryAfterMs = 0): Error {
    return mayRepeat ? new Retryable(error, {patienceMs: limits.outageMs, retryAfterMs}) : error
  }
}

async function exchange(url: URL, request: RequestInit, answerMs: number) {
  try {
    const response = await fetch(url, {...request, redirect: 'manual', signal: AbortSignal.timeout(answerMs)})
    return {status: response.status, headers: response.headers, text: await response.text()}
  } catch (error) {
    const {reason, ...failure} = networkFailureOf(error, answerMs)
    return {failure: {...failure, error: unavailable(url.host, reason, {isUnsent: failure.isUnsent, cause: error})}}
  }
}

function read(host: string, status: number, text: string): unknown {
  const isSuccess = status >= 200 && status < 300
  if (isSuccess && text.trim() === '') return undefined
  if (status < 400 && !isSuccess) throw answerInvalid(host, `it answered with a redirection (HTTP ${status})`)
  const body = parse(text)
  // These say enough without the API's own words.
  if ([401, 402, 403].includes(status)) throw new TursoRefusal(status, body)
  if (body === undefined) throw answerInvalid(host, `it answered with something that is not JSON (HTTP ${status})`)
  if (isSuccess) return body
  throw new TursoRefusal(status, body)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Nobody on the way may read the token, and no error may quote it, as those of `fetch` do where it is no header. */
function checkToken(token: string | undefined, base: URL): string {
  if (base.protocol !== 'https:' && !isLoopback(base)) {
    throw new StratError('TURSO_INSECURE', `The platform token is not sent to ${base.host} over plain http, where everyone on the way could read it.`, {
      suggestions: ['Let TURSO_API_BASEURL (turso.apiUrl) begin with https://.'],
    })
  }
  if (token === undefined) throw unauthenticated('There is no platform token for Turso.')
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw unauthenticated('The platform token is malformed: it holds spaces, line breaks or other characters that no token has.')
}
