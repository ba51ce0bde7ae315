import type {BatchResult, WireAnswer, WireStep} from './hrana.ts'
import {notSql, type SendPipeline} from './http-client.ts'
import {LostReply} from './lost-reply.ts'
import {toSqlError} from './sql-error.ts'

/** One stream of SQL over HTTP: its batches, one after the other, run on one connection of the database; `isLast` ends it. */
export type HttpStream = {batch(steps: WireStep[], options?: {isLast?: boolean}): Promise<BatchResult>}

/** Opens a stream; the server hears of it with the first batch. */
export function openHttpStream(url: string, send: SendPipeline): HttpStream {
  let base = url
  let baton: string | null = null
  let hasEnded = false
  return {
    async batch(steps, {isLast = false} = {}) {
      // It would be on another stream, outside of the transaction that this one was in.
      if (hasEnded) throw new LostReply('it ended the stream of the transaction')
      const requests = [{type: 'batch', batch: {steps}}, ...(isLast ? [{type: 'close'}] : [])]
      const answer = await send(`${base}/v2/pipeline`, JSON.stringify({baton, requests}))
      const [first] = answer.results
      if (first?.type === 'error') throw first.error ? toSqlError(first.error) : notSql()
      baton = answer.baton ?? null
      base = baseOf(answer) ?? base
      hasEnded = baton === null
      const result = first?.response?.result
      if (!Array.isArray(result?.step_results) || !Array.isArray(result.step_errors)) throw notSql()
      return result
    },
  }
}

/** Where the stream goes on, if the host says so. */
function baseOf({base_url: url}: WireAnswer): string | undefined {
  if (url === undefined || url === null) return undefined
  if (typeof url !== 'string' || !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) throw notSql()
  return url.replace(/\/$/, '')
}
