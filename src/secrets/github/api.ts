import {StratError} from '../../errors.ts'
import {type GithubAnswer, githubClient} from './client.ts'
import type {GithubCredentials} from './credentials.ts'
import {explainRefusal, notFound} from './explain.ts'
import {answerInvalid, GithubRefusal} from './github-errors.ts'
import type {GithubLimits} from './limits.ts'
import {signInWith} from './sign-in.ts'
import {writeLane} from './write-lane.ts'

export type GithubApiOptions = {
  /** `https://api.github.com`, or that of a GitHub Enterprise. */
  apiUrl: string
  /** `owner/name`. */
  repository: string
  credentials: GithubCredentials
  /** What an App's token is for. */
  permissions: readonly string[]
  limits: GithubLimits
}

/** One repository's, and its organization's, part of GitHub's API. */
export type GithubApi = {
  host: string
  repository: string
  owner: string
  /**
   * Sends a request, those that write one after the other.
   *
   * @throws GithubRefusal; StratError, those of signing in among them, GITHUB_FORBIDDEN, GITHUB_UNAVAILABLE, GITHUB_RATE_LIMITED
   */
  send(route: string, body?: Record<string, unknown>, options?: {isRepeatable?: boolean}): Promise<GithubAnswer>
  /** Makes sure, once, that a 404 is not about the repository itself. Throws GITHUB_NOT_FOUND. */
  requireRepository(): Promise<void>
  /** Does `work`, and tells a person what a refusal means that it let through. */
  explaining<T>(work: () => Promise<T>): Promise<T>
  /** What the user should know since the last time. */
  takeWarnings(): string[]
}

/** Signs in, sends, explains. Nothing is asked before the first request. */
export function githubApi({apiUrl, repository, credentials, permissions, limits}: GithubApiOptions): GithubApi {
  const exchange = githubClient(apiUrl, limits)
  const {host} = new URL(apiUrl)
  const warnings: string[] = []
  const signIn = signInWith(credentials, {exchange, host, repository, permissions, onWarning: (warning) => warnings.push(warning)})
  const inLane = writeLane(limits.writeGapMs)
  const as = {...signIn, repository}
  let isKnown: Promise<unknown> | undefined

  const exchangeSignedIn = async (route: string, request: {body?: Record<string, unknown>; isRepeatable?: boolean}) => {
    const authorization = await signIn.authorization()
    try {
      return await exchange(route, {authorization, ...request})
    } catch (error) {
      if (!(signIn.isApp && error instanceof GithubRefusal && error.status === 401)) throw error
      return exchange(route, {authorization: await signIn.authorization(authorization), ...request})
    }
  }

  const send: GithubApi['send'] = async (route, body, {isRepeatable = true} = {}) => {
    const work = () => exchangeSignedIn(route, {...(body && {body}), isRepeatable})
    try {
      const answer = await (route.startsWith('GET ') ? work() : inLane(work))
      if (route.includes(`/repos/${repository}/`)) isKnown = Promise.resolve()
      return answer
    } catch (error) {
      throw error instanceof GithubRefusal && (error.status === 401 || error.status === 403) ? explainRefusal(error, as) : error
    }
  }

  return {
    host,
    repository,
    owner: repository.split('/')[0] ?? '',
    send,
    async requireRepository() {
      isKnown ??= send(`GET /repos/${repository}/actions/variables?per_page=1`)
      await isKnown.catch((error) => {
        // What GitHub forbids, it does not hide.
        if (error instanceof StratError && error.code === 'GITHUB_FORBIDDEN') return
        isKnown = undefined
        throw error instanceof GithubRefusal && error.status === 404 ? notFound(as) : error
      })
    },
    async explaining(work) {
      try {
        return await work()
      } catch (error) {
        // Of an answer in another form than GitHub's.
        if (error instanceof TypeError || error instanceof URIError) throw answerInvalid(host)
        throw error instanceof GithubRefusal ? explainRefusal(error, as) : error
      }
    },
    takeWarnings: () => warnings.splice(0),
  }
}

/** The answer, or undefined where there is no such thing. */
export async function orMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error) => {
    if (error instanceof GithubRefusal && error.status === 404) return undefined
    throw error
  })
}
