import type {Client} from '@libsql/client/sqlite3'

/** Rows as libSQL counts them. */
export type RowCounts = {rowsRead: number; rowsWritten: number}

const nothing: RowCounts = {rowsRead: 0, rowsWritten: 0}

/** A month of UTC, as usage is kept and billed: `2026-11`. */
export const monthOf = (date: Date) => date.toISOString().slice(0, 7)

/** What the databases were used for, by months. */
export function usageRecords(client: Client) {
  return {
    /** Adds to what a database has used this month; nothing happens if it is not registered. */
    async addUsage(name: string, {rowsRead, rowsWritten}: RowCounts): Promise<void> {
      await client.execute({
        sql: `INSERT INTO usage SELECT id, ?, ?, ? FROM databases WHERE name = ?
          ON CONFLICT DO UPDATE SET rows_read = rows_read + excluded.rows_read, rows_written = rows_written + excluded.rows_written`,
        args: [monthOf(new Date()), rowsRead, rowsWritten, name],
      })
    },

    /** What was used in the months `from` to `to`, both included: in all, deleted databases included, and by a database's id. */
    async usage(from: string, to: string): Promise<{total: RowCounts; of(id: string): RowCounts}> {
      const {rows} = await client.execute({
        sql: 'SELECT database_id, sum(rows_read) AS rows_read, sum(rows_written) AS rows_written FROM usage WHERE month BETWEEN ? AND ? GROUP BY database_id',
        args: [from, to],
      })
      const counts = new Map(rows.map((row) => [String(row['database_id']), {rowsRead: Number(row['rows_read']), rowsWritten: Number(row['rows_written'])}]))
      return {total: [...counts.values()].reduce(add, nothing), of: (id) => counts.get(id) ?? nothing}
    },
  }
}

const add = (a: RowCounts, b: RowCounts): RowCounts => ({rowsRead: a.rowsRead + b.rowsRead, rowsWritten: a.rowsWritten + b.rowsWritten})
