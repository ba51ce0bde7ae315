import type {Statement} from '../database/database.ts'
import {type Archiving, clock, endOf, type MovingRow, type OpenBatch} from './archiving.ts'
import {failWhere, wordOf} from './fail-where.ts'
import {type Guard, guardArguments, isNewestGone, lateRows} from './guard.ts'
import {lookAtSource} from './look.ts'
import {isLost, settled} from './settled.ts'
import {toArgument, tradeColumns} from './trade-row.ts'

/**
 * `deleted`: all of the rows. Otherwise none: because of a `late` row; because one of them was `changed` or is gone; because the time
 * of the batch was `over`. `isCertain`: no request of this run can still arrive. `now` is the source's clock.
 */
export type Deletion = {outcome: 'deleted'; now: string} | {outcome: 'late' | 'changed' | 'over'; isCertain: boolean}

/** Deletes rows from the source, all of them or none, each only if it is in every column as it was copied. Without a guard, whatever stays beside them. */
export async function deleteRows(archiving: Archiving, batch: OpenBatch, rows: MovingRow[], guard: Guard | undefined): Promise<Deletion> {
  const {source, steps} = archiving
  const statements = [guarding(guard, endOf(batch.epoch, archiving.leaseMs)), ...rows.map(deleting), allAreDeleted]
  let isCertain = true
  const attempt = async (): Promise<Deletion> => {
    const results = await source.write(statements).catch((error) => {
      if (isLost(error)) isCertain = false
      throw error
    })
    return {outcome: 'deleted', now: String(results.at(-1)?.rows[0]?.['now'])}
  }
  const look = async (): Promise<Deletion | undefined> => {
    const {now, rows: left} = await lookAtSource(
      archiving,
      rows.map(({id}) => id),
    )
    return left.size === 0 ? {outcome: 'deleted', now} : undefined
  }
  return steps.take(
    'delete',
    ({outcome}) => (outcome === 'deleted' ? rows.length : 0),
    async () => {
      try {
        return await settled(source, attempt, look)
      } catch (error) {
        const word = wordOf(error)
        if (word !== 'late' && word !== 'changed' && word !== 'over') throw error
        return {outcome: word, isCertain}
      }
    },
  )
}

function guarding(guard: Guard | undefined, end: string): Statement {
  const isOver: [string, string] = [`${clock} >= ?1`, 'over']
  if (!guard) return failWhere([isOver], [end])
  return failWhere([isOver, [isNewestGone, 'changed'], [`EXISTS (SELECT 1 ${lateRows})`, 'late']], guardArguments(guard, end))
}

const isSame = tradeColumns.map((column, index) => `${column} IS (?1 ->> ${index})`).join(' AND ')

/** By its number, which reads one row instead of two. `changes()` is of the statement before: of rows one after the other, none goes after one that did not. */
const deleting = ({rowid, json}: MovingRow, index: number): Statement => ({
  sql: `DELETE FROM trade_logs WHERE rowid = ?2 AND ${isSame}${index === 0 ? '' : ' AND changes() = 1'}`,
  args: [toArgument(json), BigInt(rowid)],
})

const allAreDeleted = failWhere([['changes() <> 1', 'changed']], [], `, ${clock} AS now`)
