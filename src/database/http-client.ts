import type {Client} from '@libsql/client'
import {hasCode} from '../errors.ts'
import {type NetworkFailure, networkFailureOf} from '../network-error.ts'
import type {DatabaseConnection} from '../platform/platform.ts'
import {Retryable, retryAfterMsOf, retrying} from '../retry.ts'
import {blockageIn, lockLost, notReady, rateLimited, refusalOf, unreachable} from './http-errors.ts'
import {LostReply} from './lost-reply.ts'

/** How long is waited, in milliseconds: for one answer, until the host is there again, until it takes requests again, until a new one answers. */
export type HttpLimits = {answerMs: number; outageMs: number; rateLimitMs: number; readyMs: number}

export const defaultHttpLimits: HttpLimits = {answerMs: 60_000, outageMs: 6000, rateLimitMs: 60_000, readyMs: 60_000}

/** Reads again where a reply was lost, which does no harm, for a while. */
export const reading = <T>(work: () => Promise<T>, {outageMs: patienceMs}: HttpLimits): Promise<T> =>
  retrying(() =>
    work().catch((error) => {
      throw error instanceof LostReply ? new Retryable(error, {patienceMs}) : error
    }),
  )

/** An error that left a database's use as one that a person can act on; any other passes as it is. */
export function translateHttpError(name: string, error: unknown): unknown {
  if (error instanceof LostReply) return unreachable(name, error.message, error)
  if (!hasCode(error, 'TRANSACTION_TIMEOUT') && !hasCode(error, 'STREAM_EXPIRED')) return error
  return lockLost(name, error)
}

export type HttpListeners = {
  /** Hears of every request, the repeated ones, too. */
  onRequest: () => void
  /** Hears of every answer by which the host takes no more requests for now. */
  onRateLimit: (retryAfterMs: number) => void
}

/** Opens a client that speaks SQL over HTTP. */
export async function openHttpClient(connection: DatabaseConnection, limits: HttpLimits, listeners: HttpListeners): Promise<Client> {
  const {createClient} = await import('@libsql/client/http')
  const fetch = fetchFor(connection, limits, listeners)
  // Without the slash the client leaves out the last part of the path.
  return createClient({url: `${connection.url}/`, ...(connection.authToken !== undefined && {authToken: connection.authToken}), fetch})
}

/**
 * Sends the client's requests. One is repeated only where it was certainly not executed. Where it may have been, it throws `LostReply`,
 * and who asked must look what became of it.
 *
 * @throws LostReply; StratError of `refusalOf` and `blockageIn`, DATABASE_UNREACHABLE, DATABASE_NOT_READY, TURSO_RATE_LIMITED
 */
function fetchFor({name, url, isNew = false}: DatabaseConnection, limits: HttpLimits, {onRequest, onRateLimit}: HttpListeners) {
  const {host} = new URL(url)
  let mayBeUnknown = isNew
  const outage = ({reason, isUnsent, isTransient, error: cause}: NetworkFailure & {error: unknown}) => {
    if (!isUnsent) return new LostReply(reason, {cause})
    const error = unreachable(name, `${reason} (${host})`, cause)
    return isTransient ? new Retryable(error, {patienceMs: limits.outageMs}) : error
  }
  return (request: Request): Promise<Response> =>
    retrying(async () => {
      onRequest()
      const answer = await exchange(request.clone(), limits.answerMs)
      if (answer.failure) throw outage(answer.failure)
      const {status, headers, text} = answer
      const retryAfterMs = retryAfterMsOf(headers)
      if (status === 404 && mayBeUnknown) throw new Retryable(notReady(name), {patienceMs: limits.readyMs, retryAfterMs})
      if (status === 429 || (status === 503 && retryAfterMs > 0)) {
        onRateLimit(retryAfterMs)
        throw new Retryable(rateLimited(name), {patienceMs: limits.rateLimitMs, retryAfterMs})
      }
      mayBeUnknown = false
      return understood(name, status, headers, text)
    })
}

type Answer = {status: number; headers: Headers; text: string; failure?: never} | {failure: NetworkFailure & {error: unknown}}

async function exchange(request: Request, answerMs: number): Promise<Answer> {
  try {
    const response = await fetch(request, {redirect: 'manual', signal: AbortSignal.timeout(answerMs)})
    return {status: response.status, headers: response.headers, text: await response.text()}
  } catch (error) {
    return {failure: {...networkFailureOf(error, answerMs), error}}
  }
}

function understood(name: string, status: number, headers: Headers, text: string): Response {
  if (status >= 500 || status < 200 || (status >= 300 && status < 400)) throw new LostReply(`it answered with HTTP ${status}`)
  // A host that was started anew knows nothing of the transactions before, none of which was committed.
  if (status === 400 && /\binvalid baton\b/i.test(text)) throw new LostReply('it no longer knows of the transaction')
  const error = status >= 400 ? refusalOf(name, status, text) : blockageIn(name, text)
  if (error) throw error
  if (status < 400 && !isPipelineAnswer(text)) throw new LostReply('it answered with something that is not SQL over HTTP')
  return new Response(text, {status, headers: {'content-type': headers.get('content-type') ?? ''}})
}

function isPipelineAnswer(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text)?.results)
  } catch {
    return false
  }
}
