import fc from 'fast-check'
import type Database from 'libsql'
import {expect, test} from 'vitest'
import type {Permission, PermissionAction} from '../../../../src/platform/platform.ts'
import {checkerFor, libsqlWith, strategyTables} from '../../../helpers/checker.ts'
import {anyPermissions, anySelect, anyWrite, tableNames} from '../../../helpers/statements.ts'

// libSQL itself is the judge: what is allowed is run, and what it did is compared with what the permissions say.

const schema = [
  ...strategyTables,
  `CREATE TRIGGER opened AFTER INSERT ON trade_logs BEGIN
    INSERT OR REPLACE INTO active_positions (id, symbol, strike, option_type, quantity, entry_price) VALUES (new.id, 1, 2, 3, 4, 5); END`,
  'CREATE TRIGGER closed AFTER DELETE ON active_positions BEGIN UPDATE portfolio_state SET free_margin = 0; END',
]
const fillings = ['1, 2, 3', '2, 3, 4'].map((ids) => [
  `INSERT INTO portfolio_state (id, capital_allocated, free_margin, daily_stop_loss) SELECT value, 1, 1, 1 FROM json_each('[${ids}]')`,
  `INSERT INTO active_positions (id, symbol, strike, option_type, quantity, entry_price) SELECT value, 1, 1, 1, 1, 1 FROM json_each('[${ids}]')`,
  `INSERT INTO trade_logs (id, symbol, action, quantity, price, execution_reason) SELECT value, 1, 1, 1, 1, 1 FROM json_each('[${ids}, 9]')`,
])
const [filling = [], otherFilling = []] = fillings
const has = (permissions: Permission[], table: string, action: PermissionAction) =>
  permissions.some((rule) => rule.actions.includes(action) && (rule.tables === null || rule.tables.includes(table)))

/** The rows of a table by rowid, or undefined if it is gone. */
function contents(database: Database.Database, table: string): Map<number, string> | undefined {
  const exists = database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').all(table).length > 0
  const rows = exists ? database.prepare(`SELECT rowid, * FROM ${table}`).raw().all() : undefined
  return rows && new Map(rows.map((row) => (Array.isArray(row) ? [Number(row[0]), JSON.stringify(row)] : [0, ''])))
}

/** The actions that must be allowed for one table to come from `before` to `after`, each a choice. */
function actionsBetween(before: Map<number, string>, after: Map<number, string> | undefined): PermissionAction[][] {
  if (!after) return [['schema_delete', 'schema_update']]
  const removed = [...before.keys()].some((id) => !after.has(id))
  const added = [...after.keys()].some((id) => !before.has(id))
  const changed = [...before].some(([id, row]) => after.has(id) && after.get(id) !== row)
  return [
    ...(removed ? [['data_delete'] as const] : []),
    ...(added ? [['data_add'] as const] : []),
    ...(changed ? [['data_update', 'data_delete'] as const] : []),
  ].map((choice) => [...choice])
}

function run(database: Database.Database, sql: string): unknown {
  try {
    const statement = database.prepare(sql)
    return statement.reader ? statement.raw().all() : statement.run()
  } catch {
    return 'failed'
  }
}

/** A database filled one way, but the tables that the permissions do not let read filled in another. */
const filledFor = (permissions: Permission[]) =>
  libsqlWith([...strategyTables, ...tableNames.flatMap((table, at) => (has(permissions, table, 'data_read') ? filling[at] : otherFilling[at]) ?? [])])

test('what is allowed leaves every table as it is that the permissions do not let change so', () => {
  const checker = checkerFor(schema)
  let allowed = 0
  fc.assert(
    fc.property(anyPermissions, anyWrite, (permissions, sql) => {
      if (checker.refusal(sql, permissions) !== undefined) return
      allowed += 1
      const database = libsqlWith([...strategyTables, ...filling, ...schema.slice(strategyTables.length)])
      const before = tableNames.map((table) => contents(database, table) ?? new Map())
      run(database, sql)
      const choices = tableNames.flatMap((table, at) => actionsBetween(before[at] ?? new Map(), contents(database, table)).map((actions) => ({table, actions})))
      database.close()
      for (const {table, actions} of choices)
        expect(
          actions.some((action) => has(permissions, table, action)),
          `${actions} on ${table}`,
        ).toBe(true)
    }),
    {numRuns: 1500},
  )
  checker.close()
  expect(allowed).toBeGreaterThan(150)
})

test('what is allowed answers the same whatever is in the tables that the permissions do not let read', () => {
  const checker = checkerFor(schema)
  let allowed = 0
  fc.assert(
    fc.property(anyPermissions, anySelect, (permissions, sql) => {
      if (checker.refusal(sql, permissions) !== undefined) return
      allowed += 1
      const [one, other] = [libsqlWith([...strategyTables, ...filling]), filledFor(permissions)]
      expect(run(other, sql)).toEqual(run(one, sql))
      one.close()
      other.close()
    }),
    {numRuns: 1000},
  )
  checker.close()
  expect(allowed).toBeGreaterThan(150)
})
