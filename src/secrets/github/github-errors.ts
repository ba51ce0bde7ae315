import {StratError} from '../../errors.ts'
import {networkFailureOf} from '../../network-error.ts'
import {retryAfterMsOf} from '../../retry.ts'
import {serverWords} from '../../secret.ts'

/** The headers of an answer, by their names in lower case. */
export type Headers = Record<string, string | number | undefined>

/** GitHub understood a request and refused it. `message` is what it said, safe to show. */
export class GithubRefusal extends Error {
  readonly status: number
  readonly headers: Headers

  constructor(status: number, body: unknown, headers: Headers) {
    super(serverWords(messageIn(body)))
    this.status = status
    this.headers = headers
  }
}

function messageIn(body: unknown): string {
  if (typeof body !== 'object' || body === null || !('message' in body)) return ''
  return typeof body.message === 'string' ? body.message : ''
}

/** What octokit throws, without the request in it, which holds the token and the body: a refusal, or an error for a person. */
export function toGithubError(error: unknown, host: string, limitMs: number): GithubRefusal | StratError {
  const response = responseIn(error)
  if (!response) {
    const cause = error instanceof Error ? error.cause : undefined
    return cause === undefined ? answerInvalid(host) : unavailable(host, networkFailureOf(cause, limitMs).reason, cause)
  }
  const {status, headers, data} = response
  const refusal = new GithubRefusal(status, data, headers)
  if (isRateLimit(refusal)) return rateLimited(host, headers)
  return status >= 500 ? unavailable(host, `it answered with HTTP ${status}`) : refusal
}

function responseIn(error: unknown): {status: number; headers: Headers; data: unknown} | undefined {
  if (!(error instanceof Error) || !('response' in error)) return undefined
  const {status, headers, data} = {...(error.response as {status?: number; headers?: Headers; data?: unknown} | undefined)}
  return typeof status === 'number' ? {status, headers: {...headers}, data} : undefined
}

const isRateLimit = ({status, headers, message}: GithubRefusal) =>
  status === 429 ||
  (status === 403 && (headers['retry-after'] !== undefined || String(headers['x-ratelimit-remaining']) === '0' || /\brate limit\b/i.test(message)))

/** In milliseconds; what is longer is no time that anybody waits for. */
const longestTold = 30 * 86_400_000

function rateLimited(host: string, headers: Headers): StratError {
  const resetMs = String(headers['x-ratelimit-remaining']) === '0' ? Number(headers['x-ratelimit-reset']) * 1000 - Date.now() : 0
  const waitMs = retryAfterMsOf(String(headers['retry-after'] ?? '')) || Math.max(0, resetMs || 0)
  const when = waitMs > 0 && waitMs < longestTold ? `after ${new Date(Date.now() + waitMs).toISOString().slice(0, 19)}Z` : 'in a minute'
  return new StratError('GITHUB_RATE_LIMITED', `GitHub at ${host} takes no more requests for now; it does again ${when}.`, {
    suggestions: [`Run the same command again ${when}: what is done is not done twice.`],
  })
}

/** GitHub could not be asked, gave no answer, or said itself that something is wrong with it. */
export const unavailable = (host: string, reason: string, cause?: unknown) =>
  new StratError('GITHUB_UNAVAILABLE', `GitHub at ${host} cannot be used: ${reason}.`, {
    suggestions: ['Check the network and GITHUB_API_URL (github.apiUrl), then run the same command again: nothing is done twice.'],
    cause,
  })

/** What answers is not GitHub's API, as far as one can tell. */
export const answerInvalid = (host: string) => unavailable(host, 'what answers there is not its API')
