import {openLibsql} from '../../src/server/sql/libsql.ts'
import type {Served} from './archive-pair.ts'

export type Command = [sql: string, args: (string | number | null)[]]

/** Executes statements in one transaction, as a bot on another connection, and returns how many rows the last one changed. */
export function transact({file}: Served, commands: Command[]): number {
  const database = openLibsql(file)
  try {
    database.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE')
    const changes = commands.map(([sql, args]) => Number((database.prepare(sql).run(args) as {changes: number | bigint}).changes))
    database.exec('COMMIT')
    return changes.at(-1) ?? 0
  } finally {
    database.close()
  }
}
