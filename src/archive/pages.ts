import {setImmediate} from 'node:timers/promises'
import type {Row} from '@libsql/client'
import {hasCode} from '../errors.ts'

/** Rows a page; an answer may have 10 MB at most. */
const pageSize = 1000

/**
 * Reads a table page by page, each after the last row of the one before. Where the rows of a page are too large for one answer, asks for
 * fewer at once, and then for more again: a few large rows do not make all that follow slow.
 */
export async function* pagesOf(readPage: (after: Row | undefined, limit: number) => Promise<Row[]>): AsyncGenerator<Row[]> {
  const {keepHeapFlat, optimizeLess} = await import('../fleet/flat-heap.ts')
  // Before the first page, which alone lets V8's young generation grow: 48,000 rows take 145 MB, and 160 MB if it is done after that page.
  keepHeapFlat()
  optimizeLess()
  let last: Row | undefined
  for (let limit = pageSize; ; limit = Math.min(2 * limit, pageSize)) {
    const page = await readAtMost(limit, (most) => readPage(last, most))
    if (page.rows.length > 0) yield page.rows
    if (page.rows.length < page.limit) return
    // Files are read within one turn of the event loop; Ctrl-C is heard of between two.
    await setImmediate()
    last = page.rows.at(-1)
    limit = page.limit
  }
}

async function readAtMost(limit: number, read: (limit: number) => Promise<Row[]>): Promise<{rows: Row[]; limit: number}> {
  try {
    return {rows: await read(limit), limit}
  } catch (error) {
    if (!hasCode(error, 'RESPONSE_TOO_LARGE') || limit === 1) throw error
    return readAtMost(Math.ceil(limit / 4), read)
  }
}
