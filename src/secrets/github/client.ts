import {Octokit} from '@octokit/core'
import {retry} from '@octokit/plugin-retry'
import {throttling} from '@octokit/plugin-throttling'
import {StratError} from '../../errors.ts'
import {isLoopback} from '../../network-error.ts'
import {type Headers, toGithubError, unavailable} from './github-errors.ts'
import type {GithubLimits} from './limits.ts'

/** An answer; `data` is whatever came, to be checked by who asked. */
export type GithubAnswer = {
  data: unknown
  headers: Headers
  /** From the first attempt to the answer, in milliseconds. */
  tookMs: number
}

export type GithubRequest = {
  authorization: string
  body?: Record<string, unknown>
  /** Whether doing it twice is doing it once, so that a lost answer is asked for again. Default: true. */
  isRepeatable?: boolean
}

/**
 * Sends one request to GitHub, with as much patience as makes sense.
 *
 * @throws GithubRefusal; StratError GITHUB_UNAVAILABLE, GITHUB_RATE_LIMITED
 */
export type Exchange = (route: string, request: GithubRequest) => Promise<GithubAnswer>

type Failure = Error & {status?: number; response?: {headers: Record<string, string | undefined>}; request: {request?: object}}
type Hooks = {hook: {error(name: 'request', handle: (error: unknown) => never): void}}

const silent = {debug() {}, info() {}, warn() {}, error() {}}
const longestWaitS = 60
/** How often one request waits for a limit to be lifted. */
const waits = 2

const Client = Octokit.plugin(throttling, obeyRetryAfter, retry)

/** The way to GitHub's REST API: bounded, `Retry-After` obeyed, and no error lets the request out, which holds the token. */
export function githubClient(apiUrl: string, {answerMs, secondMs}: GithubLimits): Exchange {
  const {host} = requireSafe(new URL(apiUrl))
  const mayWait = (retryAfterS: number, _options: unknown, _octokit: unknown, waited: number) =>
    retryAfterS >= 0 && retryAfterS <= longestWaitS && waited < waits
  const octokit = new Client({
    baseUrl: apiUrl,
    userAgent: 'strat',
    log: silent,
    request: {log: silent, fetch: (url: string, init: RequestInit) => fetchWhole(url, init, answerMs)},
    // A conflict is an answer, and a limit that says for how long has its own way.
    retry: {doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451], retries: 2, retryAfterBaseValue: secondMs},
    throttle: {
      id: crypto.randomUUID(),
      // It counts from start to start, also while the first waits for its answer: writeLane does it.
      write: ungated,
      retryAfterBaseValue: secondMs,
      onRateLimit: mayWait,
      onSecondaryRateLimit: mayWait,
    },
  })
  return async (route, {authorization, body, isRepeatable = true}) => {
    const start = performance.now()
    const {status, data, headers} = await octokit
      .request(route, {...body, headers: {authorization}, request: isRepeatable ? {} : {retries: 0}})
      .catch((error) => {
        throw toGithubError(error, host, answerMs)
      })
    // To octokit a redirection is a success, and nothing was done.
    if (status >= 300) throw unavailable(host, `it answered with a redirection to another host (HTTP ${status})`)
    return {data, headers, tookMs: performance.now() - start}
  }
}

const ungated = {key: () => ({schedule: () => Promise.resolve()})} as never

/** Octokit takes an answer that is cut off for an empty one. */
async function fetchWhole(url: string, init: RequestInit, answerMs: number): Promise<Response> {
  const send = (to: string) => fetch(to, {...init, redirect: 'manual', signal: AbortSignal.timeout(answerMs)})
  const first = await send(url)
  // A repository that was renamed. Secrets go to no other host.
  const moved = first.status >= 300 && first.status < 400 ? URL.parse(first.headers.get('location') ?? '', url) : null
  const response = moved?.origin === new URL(url).origin ? await send(moved.href) : first
  const body = await response.arrayBuffer()
  const {status, headers} = response
  return new Response(body.byteLength > 0 ? body : null, {status, headers})
}

/** The throttling plugin waits only where GitHub's words say which limit it is. */
function obeyRetryAfter({hook}: Hooks) {
  hook.error('request', (error) => {
    const {status, response, message, request} = error as Failure
    const retryAfter = Number(response?.headers['retry-after'])
    const isPlain = (status === 403 || status === 429) && !/\bsecondary rate\b/i.test(message) && response?.headers['x-ratelimit-remaining'] !== '0'
    // What the retry plugin reads.
    if (isPlain && retryAfter >= 0 && retryAfter <= longestWaitS) request.request = {...request.request, retries: waits, retryAfter}
    throw error
  })
  return {}
}

/** Nobody on the way may read the token. */
function requireSafe(url: URL): URL {
  if (url.protocol === 'https:' || isLoopback(url)) return url
  throw new StratError('GITHUB_INSECURE', `The GitHub token is not sent to ${url.host} over plain http, where everyone on the way could read it.`, {
    suggestions: ['Let GITHUB_API_URL (github.apiUrl) begin with https://.'],
  })
}
