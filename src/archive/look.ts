import {type Archiving, clock} from './archiving.ts'
import {settled} from './settled.ts'
import {selectedColumns, toRowJson} from './trade-row.ts'

/** What the source has at the instant `now` of its own clock. */
export type Look = {now: string; rows: Map<string, {rowid: number; json: string}>}

const statementsFor = (ids: string[]) => [
  {sql: `SELECT ${clock} AS now`, args: []},
  {
    sql: `SELECT trade_logs.rowid AS rowid, ${selectedColumns} FROM json_each(?) AS wanted CROSS JOIN trade_logs WHERE trade_logs.id = wanted.value`,
    args: [JSON.stringify(ids)],
  },
]

/** Reads which of these rows the source has, by id and with any content, and its clock, on one snapshot. */
export const lookAtSource = async ({source}: Archiving, ids: string[]): Promise<Look> => toLook(await source.read(statementsFor(ids)))

/**
 * The same, for who takes copies back or seals them because of it: with the write lock, so after every deletion that has begun before, and
 * never from a replica, which may be behind.
 */
export const lookDecisively = async ({source}: Archiving, ids: string[]): Promise<Look> =>
  toLook(
    await settled(
      source,
      () => source.write(statementsFor(ids)),
      async () => undefined,
    ),
  )

function toLook([time, found]: Awaited<ReturnType<Archiving['source']['read']>>): Look {
  const rows = new Map(found?.rows.map((row) => [String(row['id']), {rowid: Number(row['rowid']), json: toRowJson(row)}]))
  return {now: String(time?.rows[0]?.['now']), rows}
}
