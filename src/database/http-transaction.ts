import type {ResultSet, Transaction} from '@libsql/client'
import {type Batch, chain, resultsOf} from './http-batch.ts'
import type {HttpStream} from './http-stream.ts'
import {LostReply} from './lost-reply.ts'

type Lent = Pick<Transaction, 'execute'>

/** Lends a write transaction on a stream: it begins with its first statement, in one request, and ends with the stream. */
export async function lendTransaction<T>(stream: HttpStream, use: (transaction: Lent) => Promise<T>): Promise<T> {
  let hasBegun = false
  /** Why its stream is lost: then it must not go on, and least of all on another one. */
  let loss: {error: unknown} | undefined
  const run = async (batch: Batch, isLast = false): Promise<ResultSet[]> => {
    if (loss) throw loss.error
    const result = await stream.batch(batch.steps, {isLast}).catch((error) => {
      loss = {error}
      throw error
    })
    hasBegun ||= !!result.step_results[0]
    return resultsOf(result, batch)
  }
  const inTurn = queue()
  const execute = (statement: Parameters<Lent['execute']>[0]) =>
    inTurn(async () => {
      const given = typeof statement === 'string' ? {sql: statement, args: []} : statement
      const [result] = await run(chain([given], {before: hasBegun ? [] : ['BEGIN IMMEDIATE']}))
      return result as ResultSet
    })
  const commit = async () => {
    if (loss) throw loss.error
    if (hasBegun) await run(chain([{sql: 'COMMIT', args: []}]), true)
  }
  const rollback = async () => {
    // Where a reply was lost, so was what its stream goes on with.
    if (hasBegun && !(loss?.error instanceof LostReply)) await stream.batch(chain([{sql: 'ROLLBACK', args: []}]).steps, {isLast: true})
  }
  try {
    const result = await use({execute})
    await inTurn(commit)
    return result
  } catch (error) {
    // Told at once: a server gives the lock back only after seconds.
    await inTurn(rollback).catch(() => undefined)
    throw error
  }
}

/** Does one after the other, also for a migration that does not wait. */
function queue() {
  let before: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const turn = before.then(work)
    before = turn.catch(() => undefined)
    return turn
  }
}
