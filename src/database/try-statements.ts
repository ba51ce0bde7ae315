import {networkFailureOf} from '../network-error.ts'
import {Retryable, retryAfterMsOf, retrying} from '../retry.ts'
import {defaultHttpLimits, type HttpLimits} from './http-client.ts'
import {openHttpConnection} from './http-connection.ts'
import {notReady, rateLimited, unreachable} from './http-errors.ts'

/** What a token is tried at: a database's address, as a bot has it. */
export type Trial = {name: string; url: string; authToken: string}

/** What the host said: nothing is let in, with its status and words; or of each statement its error, null where there is none. */
export type TrialAnswer = {refusal: {status: number; text: string}} | {errors: ({code: string; message: string} | null)[]}

/**
 * Sends statements as a bot does, each by itself and all in one request, and tells what became of each. The request is repeated while the
 * host does not answer, so they must be such as do no harm when they are executed twice. The token is in no error.
 *
 * @throws StratError DATABASE_UNREACHABLE, DATABASE_NOT_READY, TURSO_RATE_LIMITED
 */
export async function tryStatements({name, url, authToken}: Trial, statements: string[], options: Partial<HttpLimits> = {}): Promise<TrialAnswer> {
  const limits = {...defaultHttpLimits, ...options}
  const body = JSON.stringify({requests: [...statements.map((sql) => ({type: 'execute', stmt: {sql}})), {type: 'close'}]})
  const connection = openHttpConnection(url)
  const outage = (reason: string) => unreachable(name, `${reason} (${new URL(url).host})`)
  const send = async () => {
    const answer = await connection.post({url: `${url}/v2/pipeline`, body, authToken}, limits).catch((error) => {
      const {reason, isTransient} = networkFailureOf(error, limits.answerMs)
      throw isTransient ? new Retryable(outage(reason), {patienceMs: limits.outageMs}) : outage(reason)
    })
    const {status} = answer
    const retryAfterMs = retryAfterMsOf(answer.retryAfter)
    const text = answer.text.replaceAll(authToken, '…')
    if (status === 429) throw new Retryable(rateLimited(name), {patienceMs: limits.rateLimitMs, retryAfterMs})
    if (status >= 500 || (status >= 300 && status < 400))
      throw new Retryable(outage(`it answered with HTTP ${status}`), {patienceMs: limits.outageMs, retryAfterMs})
    // A host that was made just now.
    if (status === 404 && limits.readyMs > 0) throw new Retryable(notReady(name), {patienceMs: limits.readyMs, retryAfterMs})
    if (status >= 400) return {refusal: {status, text}}
    return {errors: errorsIn(text, statements.length) ?? fail(outage('it answered with something that is not SQL over HTTP'))}
  }
  try {
    return await retrying(send)
  } finally {
    connection.close()
  }
}

function fail(error: Error): never {
  throw error
}

/** What an answer says of each statement; undefined where it is none. */
function errorsIn(text: string, count: number): ({code: string; message: string} | null)[] | undefined {
  try {
    const {results} = JSON.parse(text) as {results: {type: string; error?: {code?: unknown; message?: unknown}}[]}
    const errors = results.slice(0, count).map(({type, error}) => {
      if (type === 'ok') return null
      return {code: String(error?.code ?? 'UNKNOWN'), message: String(error?.message ?? '')}
    })
    return errors.length === count ? errors : undefined
  } catch {
    return undefined
  }
}
