import fc from 'fast-check'
import type {Permission} from '../../src/platform/platform.ts'
import {allActions} from './checker.ts'

/** The three tables of a strategy, with the columns that an INSERT must fill, and one to change. */
const columns: Record<string, {required: string; changed: string}> = {
  portfolio_state: {required: 'id, capital_allocated, free_margin, daily_stop_loss', changed: 'free_margin'},
  active_positions: {required: 'id, symbol, strike, option_type, quantity, entry_price', changed: 'id'},
  trade_logs: {required: 'id, symbol, action, quantity, price, execution_reason', changed: 'id'},
}

/** The names of a strategy's tables. */
export const tableNames = Object.keys(columns)

/** Any permissions on the three tables, and on tables made of them. */
export const anyPermissions: fc.Arbitrary<Permission[]> = fc.array(
  fc.record({tables: fc.option(fc.subarray([...tableNames, 'n'], {minLength: 1})), actions: fc.subarray(allActions, {minLength: 1})}),
  {maxLength: 3},
)

const table = fc.constantFrom(...tableNames)
const key = fc.integer({min: 1, max: 4})
const conflict = fc.constantFrom('', 'OR REPLACE', 'OR IGNORE', 'OR ABORT', 'or/**/replace')
const condition = fc.oneof(
  fc.constant(''),
  key.map((id) => ` WHERE id = ${id}`),
  table.map((other) => ` WHERE id IN (SELECT id FROM ${other})`),
)

const row = (name: string, id: number) => [id, ...(columns[name]?.required.split(', ').slice(1) ?? []).map((_, index) => index + 1)].join(', ')
const required = (name: string) => columns[name]?.required ?? ''

/** A SELECT over the tables, in the forms that an authorizer could miss. */
export const anySelect = fc.oneof(
  fc.tuple(table, condition).map(([name, where]) => `SELECT id FROM ${name}${where}`),
  fc.tuple(table, table).map(([a, b]) => `SELECT count(*) FROM ${a}, ${b}`),
  fc.tuple(table, table).map(([a, b]) => `SELECT ${a}.id FROM ${a} JOIN ${b} AS joined USING (id)`),
  fc.tuple(table, table).map(([a, b]) => `SELECT 1 FROM (SELECT id FROM ${a}) NATURAL JOIN ${b}`),
  fc.tuple(table, table).map(([a, b]) => `SELECT EXISTS (SELECT 1 FROM ${a}) FROM ${b}`),
  fc.tuple(table, table).map(([a, b]) => `SELECT 1 FROM ${a} UNION ALL SELECT 2 FROM ${b}`),
  fc.tuple(table, table).map(([a, b]) => `WITH c AS (SELECT * FROM ${a}) SELECT (SELECT count(*) FROM ${b}) FROM c`),
  fc.tuple(table, table).map(([a, b]) => `SELECT 1 FROM ${a} LIMIT (SELECT count(*) FROM ${b})`),
)

/** A statement that changes the tables. */
export const anyWrite = fc.oneof(
  fc.tuple(conflict, table, key).map(([or, name, id]) => `INSERT ${or} INTO ${name} (${required(name)}) VALUES (${row(name, id)})`),
  fc.tuple(table, key).map(([name, id]) => `REPLACE INTO ${name} (${required(name)}) VALUES (${row(name, id)})`),
  fc.tuple(table, key).map(([name, id]) => `WITH c AS (SELECT 1) INSERT OR REPLACE INTO ${name} (${required(name)}) SELECT ${row(name, id)} FROM c`),
  fc.tuple(table, key).map(([name, id]) => `INSERT INTO ${name} (${required(name)}) VALUES (${row(name, id)}) ON CONFLICT (id) DO NOTHING`),
  fc
    .tuple(table, key)
    .map(([name, id]) => `INSERT INTO ${name} (${required(name)}) VALUES (${row(name, id)}) ON CONFLICT DO UPDATE SET ${columns[name]?.changed} = 9`),
  fc.tuple(conflict, table, key, condition).map(([or, name, id, where]) => `UPDATE ${or} ${name} SET ${columns[name]?.changed} = ${id}${where}`),
  fc.tuple(table, condition).map(([name, where]) => `DELETE FROM ${name}${where}`),
  fc.tuple(table, table).map(([name, other]) => `INSERT INTO ${name} (${required(name)}) SELECT ${row(name, 7)} FROM ${other}`),
  table.map((name) => `DROP TABLE ${name}`),
  table.map((name) => `ALTER TABLE ${name} RENAME TO n`),
  table.map((name) => `CREATE TABLE n AS SELECT * FROM ${name}`),
)
