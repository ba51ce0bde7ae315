import {type Answer, refuse} from './answer.ts'
import type {Github} from './state.ts'

/**
 * What goes wrong with requests like `PUT /repos/…`, after the first `skip` of them and after `delayMs`: an answer of its own, or none.
 * `lose` comes after the request was carried out, and `afterwards` between the two.
 */
export type Fault = {
  match: RegExp
  times?: number
  skip?: number
  delayMs?: number
  fail?: 'reset' | 'lose' | Answer
  afterwards?: () => unknown
}

/** The fault of this request, counted. */
export function takeFault({faults}: Github, line: string): Fault | undefined {
  for (const fault of faults) {
    if (!fault.match.test(line)) continue
    if (fault.skip) fault.skip--
    else if (fault.times === undefined || fault.times > 0) {
      fault.times = (fault.times ?? 1) - 1
      return fault
    }
  }
  return undefined
}

/** GitHub's refusals, in its words. */
export const refusals = {
  unauthenticated: refuse(401, 'Bad credentials'),
  forbidden: (needed = 'secrets=write') => refuse(403, 'Resource not accessible by personal access token', {'x-accepted-github-permissions': needed}),
  notFound: refuse(404, 'Not Found'),
  conflict: refuse(409, 'Conflict'),
  staleKey: refuse(422, 'Bad request - key ID does not match the current one'),
  tooMany: (seconds: number) => refuse(429, 'API rate limit exceeded', {'retry-after': String(seconds)}),
  /** The hour's requests are used up until then. */
  rateLimit: (until: Date) =>
    refuse(403, 'API rate limit exceeded for user ID 1.', {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(Math.ceil(until.getTime() / 1000)),
    }),
  secondaryRateLimit: (seconds: number) =>
    refuse(403, 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.', {'retry-after': String(seconds)}),
  badGateway: {status: 502, body: {message: 'Server Error'}},
} satisfies Record<string, Answer | ((...values: never[]) => Answer)>
