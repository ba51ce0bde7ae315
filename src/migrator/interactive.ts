import type {Client, InStatement, ResultSet, Transaction} from '@libsql/client'
import type {Kysely} from 'kysely'
import type {Statement} from '../database/database.ts'
import {messageOf, StratError} from '../errors.ts'
import type {Procedure} from './migration.ts'
import {isDatabaseError, isLost, MigrationError, reasonOf} from './migration-error.ts'
import {droppedTable} from './sql.ts'
import {isForeignKeysPragma, toStatement} from './statement.ts'
import {withinLimit} from './timeout.ts'
import {afterOthers, unawaited} from './unawaited.ts'
import {startWatchdog} from './watchdog.ts'

type Executor = Pick<Transaction, 'execute'>

/**
 * Runs a migration that reads inside an open transaction.
 *
 * @throws MigrationError; StratError MIGRATION_INVALID, MIGRATION_STATEMENT_REFUSED, MIGRATION_TIMED_OUT
 */
export async function runInteractively(transaction: Executor, {migration, up, limitMs}: {migration: string; up: Procedure; limitMs?: number}): Promise<void> {
  let last = ''
  let pending = 0
  const execute = async (statement: InStatement) => {
    last = typeof statement === 'string' ? statement : statement.sql
    pending += 1
    const result = await transaction.execute(statement)
    pending -= 1
    return result
  }
  const executeChecked = async ({sql, args}: Statement) => {
    const statement = toStatement(migration, {sql, parameters: Object.values(args ?? {})})
    if (isForeignKeysPragma(sql)) return nothing
    await refuseToCascade(transaction, migration, sql)
    return execute(statement)
  }
  try {
    const db = await kyselyIn(execute, executeChecked)
    await startWatchdog()
    await withinLimit(() => up(db), migration, 'run', limitMs)
    const sent = last
    await afterOthers()
    if (pending > 0 || sent !== last) throw unawaited(migration)
  } catch (error) {
    if (error instanceof StratError || isLost(error)) throw error
    throw new MigrationError(migration, isDatabaseError(error) ? last : '', isDatabaseError(error) ? reasonOf(error) : messageOf(error), error)
  }
}

const nothing: ResultSet = {columns: [], columnTypes: [], rows: [], rowsAffected: 0, lastInsertRowid: undefined, toJSON: () => ({})}

/** A Kysely whose transactions are savepoints of the one around it. */
async function kyselyIn(
  execute: (statement: InStatement) => Promise<ResultSet>,
  executeChecked: (statement: Statement) => Promise<ResultSet>,
): Promise<Kysely<unknown>> {
  const [{Kysely}, {LibsqlDialect}] = await Promise.all([import('kysely'), import('@libsql/kysely-libsql')])
  const client = {
    execute: executeChecked,
    async transaction() {
      await execute('SAVEPOINT migration')
      return {
        execute: executeChecked,
        commit: () => execute('RELEASE migration'),
        async rollback() {
          await execute('ROLLBACK TO migration')
          await execute('RELEASE migration')
        },
      }
    },
  }
  return new Kysely<unknown>({dialect: new LibsqlDialect({client: client as unknown as Client})})
}

/**
 * Inside a transaction foreign keys stay on, and a dropped table deletes or clears the rows that refer to it (`ON DELETE`).
 * An atomic migration runs with them off.
 */
async function refuseToCascade(transaction: Executor, migration: string, sql: string): Promise<void> {
  const table = droppedTable(sql)
  if (table === undefined) return
  const {rows} = await transaction.execute({
    sql: `SELECT child.name FROM sqlite_schema AS child, pragma_foreign_key_list(child.name) AS key
      WHERE child.type = 'table' AND lower(key."table") = ?1 AND lower(child.name) <> ?1 AND key.on_delete NOT IN ('NO ACTION', 'RESTRICT')`,
    args: [table.toLowerCase()],
  })
  if (rows.length === 0) return
  const children = rows.map((row) => String(row['name'])).join(', ')
  throw new MigrationError(
    migration,
    sql,
    `dropping ${table} would change the rows of ${children}, because a migration that reads runs with foreign keys on; rebuild the table in a migration that does not read`,
    undefined,
  )
}
