import {type Archiving, clock} from './archiving.ts'
import {selectedColumns, toRowJson} from './trade-row.ts'

/** What the source has at the instant `now` of its own clock. */
export type Look = {now: string; rows: Map<string, {rowid: number; json: string}>}

/** Reads which of these rows the source has, by id and with any content, and its clock, on one snapshot. */
export async function lookAtSource({source}: Archiving, ids: string[]): Promise<Look> {
  const [time, found] = await source.read([
    {sql: `SELECT ${clock} AS now`, args: []},
    {
      sql: `SELECT trade_logs.rowid AS rowid, ${selectedColumns} FROM json_each(?) AS wanted CROSS JOIN trade_logs WHERE trade_logs.id = wanted.value`,
      args: [JSON.stringify(ids)],
    },
  ])
  const rows = new Map(found?.rows.map((row) => [String(row['id']), {rowid: Number(row['rowid']), json: toRowJson(row)}]))
  return {now: String(time?.rows[0]?.['now']), rows}
}
