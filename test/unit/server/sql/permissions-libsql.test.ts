import {expect, test} from 'vitest'
import {allActions, checkerFor, permissions} from '../../../helpers/checker.ts'
import {describePermissions} from '../../../helpers/describe-permissions.ts'

const everything = `*: ${allActions.join(' ')}`
const everyDataAction = 'data_read data_add data_update data_delete'
const schema = ['CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)', 'CREATE VIRTUAL TABLE notes USING fts5 (text)']

describePermissions(schema, [
  [
    'a virtual table by its name',
    `notes: ${everyDataAction} schema_delete`,
    [],
    ['SELECT text FROM notes', 'SELECT t.a FROM t JOIN notes', "INSERT INTO notes (notes) VALUES ('delete-all')"],
  ],
  [
    'a virtual table by all tables',
    `*: ${everyDataAction}`,
    ["SELECT text FROM notes WHERE notes MATCH 'a'", "INSERT INTO notes VALUES ('a')"],
    ['DROP TABLE notes'],
  ],
  ['a virtual table without data_delete', '*: data_read data_add data_update', [], ["INSERT INTO notes VALUES ('a')"]],
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
  ['statistics', ['CREATE TABLE x (a)', 'CREATE INDEX y ON x (a)', 'INSERT INTO x VALUES (1)', 'ANALYZE'], 'DELETE FROM sqlite_stat1'],
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
