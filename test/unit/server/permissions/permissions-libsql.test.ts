import {expect, test} from 'vitest'
import {PermissionChecker} from '../../../../src/server/permissions/permissions.ts'
import {allActions, checkerFor, permissions} from '../../../helpers/checker.ts'
import {describePermissions} from '../../../helpers/describe-permissions.ts'

const everything = `*: ${allActions.join(' ')}`
const everyDataAction = 'data_read data_add data_update data_delete'
const schema = ['CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)', 'CREATE VIRTUAL TABLE notes USING fts5 (text, a)']

describePermissions(schema, [
  [
    'a virtual table by its name',
    `t notes: ${everyDataAction} schema_delete`,
    [],
    ['SELECT text FROM notes', 'SELECT t.a FROM t JOIN notes', 'SELECT t.a FROM t JOIN notes USING (a)', "INSERT INTO notes (notes) VALUES ('delete-all')"],
  ],
  [
    'a virtual table by all tables',
    `*: ${everyDataAction}`,
    ["SELECT text FROM notes WHERE notes MATCH 'a'", "INSERT INTO notes (text) VALUES ('a')"],
    ['DROP TABLE notes'],
  ],
  ['a virtual table without data_delete', '*: data_read data_add data_update', [], ["INSERT INTO notes (text) VALUES ('a')"]],
])

test.each([
  ['a table of random rowids', ['CREATE TABLE x (a) RANDOM ROWID'], 'SELECT a FROM x'],
  [
    'a column of vectors and its index',
    ['CREATE TABLE x (v F32_BLOB(2))', 'CREATE INDEX x_v ON x (libsql_vector_idx(v))'],
    "SELECT * FROM vector_top_k('x_v', '[1,2]', 1)",
  ],
  [
    'a trigger with a function of libSQL',
    ['CREATE TABLE x (a)', "CREATE TRIGGER y AFTER INSERT ON x BEGIN SELECT vector32('[1]'); END"],
    'INSERT INTO x VALUES (1)',
  ],
])('%s, which only libSQL knows, is refused even with every permission', (_, statements, sql) => {
  const special = checkerFor(statements)
  expect(special.refusal(sql, permissions(everything))).toMatch(/^not authorized: /)
  special.close()
})

test('the rest of a table with a vector index works', () => {
  const vectors = checkerFor(['CREATE TABLE x (id INTEGER PRIMARY KEY, v F32_BLOB(2))', 'CREATE INDEX x_v ON x (libsql_vector_idx(v))'])
  expect(vectors.refusal('SELECT id FROM x', permissions('x: data_read'))).toBeUndefined()
  expect(vectors.refusal('SELECT nothing FROM x', permissions('x: data_read'))).toBeUndefined()
  vectors.close()
})

test('a virtual table whose shadow tables come first, as VACUUM leaves them, works', () => {
  const vacuumed = checkerFor([...schema, 'VACUUM'])
  expect(vacuumed.refusal('SELECT text FROM notes', permissions('*: data_read'))).toBeUndefined()
  vacuumed.close()
})

test('statistics can be read, and written by nobody', () => {
  const analyzed = checkerFor(['CREATE TABLE x (a)', 'CREATE INDEX y ON x (a)', 'INSERT INTO x VALUES (1)', 'ANALYZE'])
  expect(analyzed.refusal('SELECT stat FROM sqlite_stat1', permissions('*: data_read'))).toBeUndefined()
  expect(analyzed.refusal('SELECT nothing FROM x', permissions(everything))).toBeUndefined()
  for (const sql of ['SELECT stat FROM sqlite_stat1', 'DROP TABLE x']) expect(analyzed.refusal(sql, permissions('t: data_read'))).toBeDefined()
  for (const sql of ['DELETE FROM sqlite_stat1', 'DROP TABLE sqlite_stat1', 'ALTER TABLE sqlite_stat1 ALTER COLUMN stat TO stat INT'])
    expect(analyzed.refusal(sql, permissions(everything))).toMatch(/^not authorized/)
  analyzed.close()
})

test('a trigger that the copy cannot hold stops writes to its table, and no other', () => {
  const row = (type: string, name: string, tbl_name: string, sql: string) => ({type, name, tbl_name, sql})
  const untold = new PermissionChecker([
    row('table', 'x', 'x', 'CREATE TABLE x (a)'),
    row('table', 'y', 'y', 'CREATE TABLE y (a)'),
    row('trigger', 'z', 'X', 'CREATE TRIGGER z AFTER INSERT ON x BEGIN SOMETHING NEW; END'),
  ])
  expect(untold.refusal('INSERT INTO x VALUES (1)', permissions(everything))).toBe('not authorized: x has a trigger that cannot be checked')
  expect(untold.refusal('INSERT INTO y SELECT a FROM x', permissions(everything))).toBeUndefined()
  expect(untold.refusal('SELECT a FROM nowhere', permissions(everything))).toMatch(/^not authorized: .*no such table: nowhere/)
  untold.close()
})
