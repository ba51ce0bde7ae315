import {describePermissions} from '../../../helpers/describe-permissions.ts'

const schema = [
  'CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)',
  'CREATE TABLE u (id TEXT PRIMARY KEY, a TEXT)',
  'CREATE TABLE stats (id INTEGER PRIMARY KEY, n INTEGER)',
  'CREATE TRIGGER u_insert AFTER INSERT ON u BEGIN INSERT INTO t (a) SELECT t.a FROM t JOIN stats USING (id); END',
  'CREATE TABLE w (id INTEGER, a TEXT)',
  'CREATE TRIGGER w_update AFTER UPDATE ON w BEGIN INSERT INTO u (id) SELECT t.id FROM t JOIN w USING (a); END',
  'CREATE VIEW joined AS SELECT t.a FROM t NATURAL JOIN stats',
]

describePermissions(schema, [
  ['a view that is only made', 'x: schema_add', ['CREATE VIEW x AS SELECT a FROM t JOIN u USING (a)'], []],
  ['a view that joins by name', 'joined t: data_read', [], ['SELECT a FROM joined', 'SELECT count(*) FROM joined']],
  ['a view that joins by name, with both tables', 'joined t stats: data_read', ['SELECT a FROM joined'], []],
  ['a trigger that joins by name', 'u: data_add; t: data_add data_read', [], ["INSERT INTO u VALUES ('1', '2')"]],
  ['a trigger that joins by name, with both tables', 'u: data_add; t: data_add data_read; stats: data_read', ["INSERT INTO u VALUES ('1', '2')"], []],
  ['a trigger that joins what is written', 'w: data_update; t: data_read; u t: data_add; stats: data_read', [], ['UPDATE w SET id = 1']],
  [
    'a trigger that joins what is written, with every right',
    'w: data_update data_read; t: data_read; u t: data_add; stats: data_read',
    ['UPDATE w SET id = 1'],
    [],
  ],
  [
    'joining for a table with AUTOINCREMENT',
    't u: data_read; t: data_add',
    ['INSERT INTO t (a) SELECT t.a FROM t JOIN u USING (a)'],
    [
      'INSERT INTO t (a) SELECT u.a FROM u JOIN (SELECT a FROM t JOIN sqlite_sequence) USING (a)',
      "SELECT x.a FROM (SELECT 'u' AS name, 1 AS a) AS x JOIN sqlite_sequence USING (name)",
    ],
  ],
  [
    'joining in a text that is too long to be checked',
    't u: data_read',
    ['SELECT t.a FROM t JOIN u USING (a)', 'EXPLAIN SELECT t.a FROM t JOIN u USING (a)'],
    [`SELECT t.a FROM t JOIN u USING (a) WHERE t.a = '${'a'.repeat(100_000)}'`],
  ],
  ['joining what is deleted', 'u: data_delete; t: data_read', [], ['DELETE FROM u WHERE EXISTS (SELECT t.a FROM t JOIN u USING (a))']],
  ['joining what is written', 'u: data_add; t: data_read data_add; stats: data_read', [], ['INSERT INTO u (id) SELECT t.a FROM t JOIN u USING (a)']],
])
