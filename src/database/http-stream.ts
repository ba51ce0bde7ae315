import type {BatchResult, WireStep} from './hrana.ts'
import {notSql, type SendPipeline} from './http-client.ts'
import {toSqlError} from './sql-error.ts'

/** One stream of SQL over HTTP: its batches, one after the other, run on one connection of the database; `isLast` ends it. */
export type HttpStream = {batch(steps: WireStep[], options?: {isLast?: boolean}): Promise<BatchResult>}

/** Opens a stream; the server hears of it with the first batch. */
export function openHttpStream(url: string, send: SendPipeline): HttpStream {
  let base = url
  let baton: string | null = null
  return {
    async batch(steps, {isLast = false} = {}) {
      const requests = [{type: 'batch', batch: {steps}}, ...(isLast ? [{type: 'close'}] : [])]
      const answer = await send(`${base}/v2/pipeline`, JSON.stringify({baton, requests}))
      baton = answer.baton ?? null
      base = answer.base_url?.replace(/\/$/, '') ?? base
      const [first] = answer.results
      if (first?.type === 'error') throw toSqlError(first.error)
      const result = first?.response?.result
      if (!Array.isArray(result?.step_results) || !Array.isArray(result.step_errors)) throw notSql()
      return result
    },
  }
}
