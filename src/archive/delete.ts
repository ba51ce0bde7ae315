import type {Statement} from '../database/database.ts'
import {type Archiving, clock, endOf, type MovingRow, type OpenBatch} from './archiving.ts'
import {failWhere, wordOf} from './fail-where.ts'
import {lookAtSource} from './look.ts'
import {isLost, settled} from './settled.ts'
import {toArgument, tradeColumns} from './trade-row.ts'

/** What must be so in the source when rows are deleted. */
export type Guard = {
  /** The row that was inserted last when the source was read: while it is there, rows that have come since have higher numbers. */
  newest: {rowid: number; id: string} | undefined
  /** By symbol, the timestamp of its last row in the batch. No row that has come since may be stamped at or before it. */
  cuts: Record<string, string | number | null>
}

/**
 * `deleted`: all of the rows. Otherwise none: because of a `late` row; because one of them was `changed` or is gone; because the time
 * of the batch was `over`. `isCertain`: no request of this run can still arrive. `now` is the source's clock.
 */
export type Deletion = {outcome: 'deleted'; now: string} | {outcome: 'late' | 'changed' | 'over'; isCertain: boolean}

/** Deletes rows from the source, all of them or none, each only if it is in every column as it was copied. */
export async function deleteRows(archiving: Archiving, batch: OpenBatch, rows: MovingRow[], guard: Guard): Promise<Deletion> {
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

/**
 * Rows that have come since (?1) and are not stamped after their symbol's cut (?3). Instants are compared as SQLite reads them, to the
 * millisecond: rows that it cannot read, or that are of the same one, count as late.
 */
export const isLate = {
  from: 'trade_logs CROSS JOIN json_each(?3) AS cut',
  where: 'trade_logs.rowid > ?1 AND cut.key = trade_logs.symbol AND NOT coalesce(julianday(trade_logs.timestamp) > julianday(cut.value), 0)',
}

function guarding({newest, cuts}: Guard, end: string): Statement {
  const isGone = '?2 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM trade_logs WHERE rowid = ?1 AND id IS ?2)'
  const conditions: [string, string][] = [
    [`${clock} >= ?4`, 'over'],
    [isGone, 'changed'],
    [`EXISTS (SELECT 1 FROM ${isLate.from} WHERE ${isLate.where})`, 'late'],
  ]
  return failWhere(conditions, [BigInt(newest?.rowid ?? 0), newest?.id ?? null, JSON.stringify(cuts), end])
}

const isSame = tradeColumns.map((column, index) => `${column} IS (?1 ->> ${index})`).join(' AND ')

/** By its number, which reads one row instead of two. `changes()` is of the statement before: of rows one after the other, none goes after one that did not. */
const deleting = ({rowid, json}: MovingRow, index: number): Statement => ({
  sql: `DELETE FROM trade_logs WHERE rowid = ?2 AND ${isSame}${index === 0 ? '' : ' AND changes() = 1'}`,
  args: [toArgument(json), BigInt(rowid)],
})

const allAreDeleted = failWhere([['changes() <> 1', 'changed']], [], `, ${clock} AS now`)
