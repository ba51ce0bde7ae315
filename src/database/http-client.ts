import {hasCode} from '../errors.ts'
import {type NetworkFailure, networkFailureOf} from '../network-error.ts'
import type {DatabaseConnection} from '../platform/platform.ts'
import {Retryable, retryAfterMsOf, retrying} from '../retry.ts'
import type {WireAnswer} from './hrana.ts'
import type {ExchangeLimits, HttpAnswer, HttpConnection, HttpRequest} from './http-connection.ts'
import {blockageIn, lockLost, notReady, rateLimited, refusalOf, unreachable} from './http-errors.ts'
import {LostReply} from './lost-reply.ts'

/** How long is waited, in milliseconds: for one answer, until the host is there again, until it takes requests again, until a new one answers. */
export type HttpLimits = ExchangeLimits & {outageMs: number; rateLimitMs: number; readyMs: number}

export const defaultHttpLimits: HttpLimits = {connectMs: 10_000, answerMs: 60_000, outageMs: 6000, rateLimitMs: 60_000, readyMs: 60_000}

export type HttpListeners = {
  /** Hears of every request, the repeated ones, too. */
  onRequest: () => void
  /** Hears of every answer by which the host takes no more requests for now. */
  onRateLimit: (retryAfterMs: number) => void
}

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

/** Sends the JSON of a pipeline to a URL. */
export type SendPipeline = (url: string, body: string) => Promise<WireAnswer>

/**
 * The sender of pipelines. One is repeated only where it was certainly not executed. Where it may have been, it throws `LostReply`,
 * and who asked must look what became of it.
 *
 * @throws LostReply; SqlError; StratError of `refusalOf` and `blockageIn`, DATABASE_UNREACHABLE, DATABASE_NOT_READY, TURSO_RATE_LIMITED
 */
export function pipelineSender(
  connection: DatabaseConnection,
  http: HttpConnection,
  limits: HttpLimits,
  {onRequest, onRateLimit}: HttpListeners,
): SendPipeline {
  const {name, isNew = false} = connection
  let mayBeUnknown = isNew
  const outage = (url: string, {reason, isUnsent, isTransient}: NetworkFailure, cause: unknown) => {
    if (!isUnsent) return new LostReply(reason, {cause})
    const error = unreachable(name, `${reason} (${new URL(url).host})`, cause)
    return isTransient ? new Retryable(error, {patienceMs: limits.outageMs}) : error
  }
  const exchange = (request: HttpRequest): Promise<HttpAnswer> =>
    http.post(request, limits).catch((error) => {
      throw outage(request.url, networkFailureOf(error, limits.answerMs), error)
    })
  const send: SendAs = (authToken, url, body) =>
    retrying(async () => {
      onRequest()
      const {status, retryAfter, text} = await exchange({url, body, authToken})
      const retryAfterMs = retryAfterMsOf(retryAfter)
      if (status === 404 && mayBeUnknown) throw new Retryable(notReady(name), {patienceMs: limits.readyMs, retryAfterMs})
      if (status === 429 || (status === 503 && retryAfterMs > 0)) {
        onRateLimit(retryAfterMs)
        throw new Retryable(rateLimited(name), {patienceMs: limits.rateLimitMs, retryAfterMs})
      }
      mayBeUnknown = false
      // What a host says of a statement is shown, whatever it quotes.
      return understood(name, status, authToken ? text.replaceAll(authToken, '…') : text)
    })
  return renewing(connection, send)
}

type SendAs = (authToken: string | undefined, url: string, body: string) => Promise<WireAnswer>

/** Sends once more, with another token, what was refused for the one that it came with: who is not let in has executed nothing. */
function renewing({authToken, renewToken}: DatabaseConnection, send: SendAs): SendPipeline {
  let current = authToken
  return async (url, body) => {
    const used = current
    try {
      return await send(used, url, body)
    } catch (error) {
      if (!renewToken || !hasCode(error, 'DATABASE_TOKEN_REFUSED')) throw error
      const renewed = await renewToken(used)
      current = renewed
      return send(renewed, url, body)
    }
  }
}

function understood(name: string, status: number, text: string): WireAnswer {
  if (status >= 500 || status < 200 || (status >= 300 && status < 400)) throw new LostReply(`it answered with HTTP ${status}`)
  // A host that was started anew knows nothing of the transactions before, none of which was committed.
  if (status === 400 && /\binvalid baton\b/i.test(text)) throw new LostReply('it no longer knows of the transaction')
  if (status >= 400) throw refusalOf(name, status, text)
  const blockage = blockageIn(name, text)
  if (blockage) throw blockage
  const answer = parse(text)
  if (!Array.isArray(answer?.results)) throw notSql()
  return answer
}

/** What answers is not SQL over HTTP. */
export const notSql = () => new LostReply('it answered with something that is not SQL over HTTP')

function parse(text: string): WireAnswer | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
