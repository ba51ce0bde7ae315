import {StratError} from '../errors.ts'
import {serverWords} from '../secret.ts'

/** Turso's API understood a request and refused it. `message` is what it said, safe to show. */
export class TursoRefusal extends Error {
  readonly status: number

  constructor(status: number, body: unknown) {
    super(messageIn(body))
    this.status = status
  }
}

/** The API's own words, wherever it puts them. */
function messageIn(body: unknown): string {
  const {error, message} = (typeof body === 'object' && body !== null ? body : {}) as {error?: unknown; message?: unknown}
  return serverWords(String([error, message].find((candidate) => typeof candidate === 'string') ?? ''))
}

/** What a refusal means to a person, by its status. */
export function refused({status, message}: TursoRefusal): StratError {
  const said = message ? `: ${message}` : ` (HTTP ${status})`
  const isAboutToken = status === 401 || (status === 400 && /\b(jwt|token)\b/i.test(message))
  if (isAboutToken) return unauthenticated(`Turso does not accept the platform token${said}.`)
  if (status === 402) {
    return new StratError('TURSO_PLAN_LIMIT', `The plan of the Turso organization does not allow this${said}.`, {
      suggestions: ['strat usage shows what is used.', 'Delete what is not needed, or choose a larger plan.'],
    })
  }
  if (status === 403) {
    return new StratError('TURSO_FORBIDDEN', `The platform token may not do this${said}.`, {
      suggestions: [
        'Use a token of a member of the organization, with the scopes db:create, db:delete, db:configure and db:mint-token; --revoke also needs db:rotate-creds.',
      ],
    })
  }
  return new StratError('TURSO_REFUSED', `Turso refused the request${said}.`, {
    suggestions: ['strat config shows the API, the organization and the group that were asked.'],
  })
}

/** There is no platform token, or none that is accepted. */
export const unauthenticated = (message: string) =>
  new StratError('TURSO_UNAUTHENTICATED', message, {
    suggestions: ['strat login stores a platform token; turso auth api-tokens mint NAME makes one.', 'Or set TURSO_API_TOKEN, which wins over the login.'],
  })

/** There is no such database, or another one has its name by now. */
export const databaseNotFound = (name: string) =>
  new StratError('DATABASE_NOT_FOUND', `There is no database ${name} on Turso.`, {suggestions: ['strat list --all-databases shows what is there.']})

/** No answer that can be understood: the API may have done what it was asked to, or not. */
export class LostAnswer extends StratError {}

/** The API answered something that is not its own. */
export const answerInvalid = (host: string, what: string, cause?: unknown) =>
  new LostAnswer('TURSO_ANSWER_INVALID', `What answers at ${host} is not Turso's Platform API: ${what}.`, {
    suggestions: ['Check TURSO_API_BASEURL (turso.apiUrl), and that no proxy or login page is in between.', 'Run the same command again.'],
    cause,
  })

/** The API could not be asked, gave no answer, or said itself that something is wrong with it. */
export function unavailable(host: string, reason: string, {isUnsent = false, cause}: {isUnsent?: boolean; cause?: unknown} = {}): StratError {
  const Unavailable = isUnsent ? StratError : LostAnswer
  return new Unavailable('TURSO_UNAVAILABLE', `Turso's Platform API at ${host} cannot be used: ${reason}.`, {
    suggestions: [
      ...(/^(?:127\.|localhost|\[::1\])/.test(host) ? ['strat dev, in another terminal, serves this address.'] : []),
      'Check the network and TURSO_API_BASEURL (turso.apiUrl), then run the same command again: nothing is done twice.',
    ],
    cause,
  })
}

/** Too many requests, for longer than it makes sense to wait. */
export const rateLimited = (host: string, retryAfterMs: number) =>
  new StratError('TURSO_RATE_LIMITED', `${host} takes no more requests for now.`, {
    suggestions: [`Run the same command again ${retryAfterMs > 0 ? `in ${Math.ceil(retryAfterMs / 1000)} seconds` : 'later'}.`],
  })
