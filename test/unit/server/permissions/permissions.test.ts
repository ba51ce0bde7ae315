import {afterAll, expect, test} from 'vitest'
import {allActions, checkerFor, permissions} from '../../../helpers/checker.ts'
import {type Cases, describePermissions} from '../../../helpers/describe-permissions.ts'

const schema = [
  'CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT UNIQUE, b REAL)',
  'CREATE TABLE u (id TEXT PRIMARY KEY, a TEXT)',
  'CREATE TABLE audit (id INTEGER PRIMARY KEY, what TEXT)',
  'CREATE VIEW v AS SELECT a FROM t',
  'CREATE TABLE audited (id INTEGER PRIMARY KEY, a TEXT)',
  "CREATE TRIGGER audited_insert AFTER INSERT ON audited BEGIN INSERT INTO audit (what) VALUES ('insert'); END",
  'CREATE TABLE parent (id INTEGER PRIMARY KEY)',
  'CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id) ON DELETE CASCADE)',
  'CREATE VIEW writable AS SELECT a FROM u',
  'CREATE TRIGGER writable_insert INSTEAD OF INSERT ON writable BEGIN DELETE FROM u WHERE a = new.a; END',
  'CREATE INDEX u_a ON u (a)',
]

const cases: Cases[] = [
  [
    'data_read',
    't: data_read',
    [
      ...['SELECT a FROM t', 'SELECT count(*) FROM t', 'VALUES (1)', 'SELECT a FROM main.t AS x', 'SELECT 1;', '-- why\nSELECT 1 /* ; */ ;; -- end'],
      ...['SELECT a FROM "T"', 'select a from [t]', 'SELECT a FROM `t`', "SELECT a FROM 't'", 'EXPLAIN SELECT a FROM t', 'EXPLAIN QUERY PLAN SELECT a FROM t'],
      ...[
        'WITH c AS (SELECT a FROM t) SELECT count(*) FROM c',
        "SELECT value FROM json_each('[1]')",
        'SELECT name FROM sqlite_schema',
        'SELECT * FROM sqlite_master',
      ],
      'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9) SELECT i FROM n',
    ],
    [
      ...['SELECT a FROM u', 'SELECT count(*) FROM u', 'SELECT 1 FROM u', 'SELECT rowid FROM u', 'SELECT t.a FROM t JOIN u USING (a)', 'SELECT 1 FROM t, u'],
      ...[
        'SELECT EXISTS (SELECT 1 FROM u)',
        'SELECT a FROM t WHERE a IN (SELECT a FROM u)',
        'SELECT 1 IN parent',
        'SELECT a FROM t NATURAL JOIN u',
        'SELECT t.id FROM u JOIN t USING (a)',
      ],
      ...[
        'SELECT 1 FROM (SELECT 1 FROM u)',
        'SELECT 1 UNION ALL SELECT 2 FROM u',
        'SELECT a FROM t ORDER BY (SELECT count(*) FROM u)',
        'VALUES ((SELECT 1 FROM u))',
      ],
      ...[
        'SELECT a FROM t LIMIT (SELECT count(*) FROM u)',
        'WITH c AS (SELECT * FROM u) SELECT 1 FROM c',
        'SELECT t.a FROM t LEFT JOIN u ON u.a = t.a',
        'EXPLAIN SELECT a FROM u',
      ],
      ...['SELECT a FROM v', 'SELECT seq FROM sqlite_sequence', 'UPDATE t SET a = 1', 'DELETE FROM t', 'INSERT INTO t (a) VALUES (1)', 'EXPLAIN DELETE FROM t'],
    ],
  ],
  ['data_read of a view and what it shows', 'v t: data_read', ['SELECT a FROM v', 'SELECT count(*) FROM v'], ['SELECT a FROM writable']],
  ['data_read of a view alone', 'v: data_read', [], ['SELECT a FROM v', 'SELECT count(*) FROM v', 'SELECT 1 FROM v']],
  ['data_read on all tables', '*: data_read', ['SELECT a FROM t, u, v', 'SELECT seq FROM sqlite_sequence'], ['DELETE FROM u']],
  [
    'data_add',
    't: data_add',
    [
      "INSERT INTO t (a) VALUES ('replace into t')",
      'INSERT INTO t DEFAULT VALUES',
      'INSERT OR IGNORE INTO t (a) VALUES (replace(1, 2, 3))',
      'WITH c (x) AS (SELECT 1) INSERT INTO t (a) SELECT x FROM c',
    ],
    [
      ...['INSERT INTO t (a) SELECT a FROM u', 'INSERT INTO t (a) VALUES (1) RETURNING id', 'INSERT INTO u (id) VALUES (1)', 'SELECT name FROM sqlite_schema'],
      ...['REPLACE INTO t (a) VALUES (1)', 'INSERT OR REPLACE INTO t (a) VALUES (1)', 'INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 1'],
      ...['WITH c AS (SELECT 1) REPLACE INTO t (a) SELECT 1', 'EXPLAIN REPLACE INTO t (a) VALUES (1)', 'insert/**/or--\nReplace into t (a) values (1)'],
      "WITH c AS (SELECT $a(') )REPLACE INTO t (a) SELECT $b(')",
    ],
  ],
  [
    'data_add with data_read',
    't: data_add data_read',
    ['INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING', 'INSERT INTO t (a) VALUES (1) RETURNING *'],
    ['INSERT INTO t (a) VALUES (1) ON CONFLICT DO UPDATE SET b = 1'],
  ],
  [
    'data_update',
    't: data_update',
    ['UPDATE t SET a = 1', 'UPDATE OR IGNORE t SET a = 1, b = 2'],
    [
      'UPDATE t SET a = 1 WHERE id = 1',
      'UPDATE t SET b = b + 1',
      'UPDATE OR REPLACE t SET a = 1',
      'UPDATE u SET a = 1',
      'UPDATE t SET a = (SELECT 1 FROM u)',
      'UPDATE t SET a = 1 FROM u',
    ],
  ],
  [
    'data_update with data_read and data_delete',
    't: data_update data_read data_delete',
    ['UPDATE t SET b = b + 1 WHERE id = 1', 'UPDATE OR REPLACE t SET a = 1', 'DELETE FROM t WHERE a = 1 RETURNING id'],
    ['REPLACE INTO t (a) VALUES (1)'],
  ],
  ['data_update with data_delete', 't: data_update data_delete', ['UPDATE OR REPLACE t SET a = 1'], ['UPDATE OR REPLACE t SET a = b']],
  ['data_delete', 't: data_delete', ['DELETE FROM t'], ['DELETE FROM t WHERE id = 1', 'DELETE FROM u', 'DROP TABLE t']],
  ['replacing', 't: data_add data_delete', ['REPLACE INTO t (a) VALUES (1)', 'INSERT OR REPLACE INTO t (a) VALUES (1)'], []],
  ['a table with a trigger, alone', 'audited: data_add', [], ['INSERT INTO audited (a) VALUES (1)']],
  ['a table with what its trigger writes', 'audited audit: data_add', ['INSERT INTO audited (a) VALUES (1)'], ['REPLACE INTO audited (a) VALUES (1)']],
  ['a statement that replaces, also in the trigger', 'audited: data_add data_delete; audit: data_add', [], ['REPLACE INTO audited (a) VALUES (1)']],
  ['a parent alone', 'parent: data_read data_delete', [], ['DELETE FROM parent', 'DROP TABLE parent']],
  ['a parent and the children that go with it', 'parent child: data_read data_delete', ['DELETE FROM parent'], []],
  ['a view that is written to, alone', 'writable: data_add', [], ['INSERT INTO writable VALUES (1)']],
  ['a view that is written to', 'writable: data_add data_read; u: data_read data_delete', ['INSERT INTO writable VALUES (1)'], []],
]

describePermissions(schema, cases)

const checker = checkerFor(schema)
afterAll(() => checker.close())

test('leaves all of these to a token with every permission', () => {
  const everything = permissions(`*: ${allActions.join(' ')}`)
  for (const sql of cases.flatMap(([, , allowed, refused]) => [...allowed, ...refused])) expect(checker.refusal(sql, everything), sql).toBeUndefined()
})

test('answers as SQLite does, with what is missing', () => {
  expect(checker.refusal('SELECT b, a FROM t', [])).toBe('access to t.b is prohibited')
  expect(checker.refusal('DELETE FROM t', [])).toBe('not authorized: data_delete on t')
})

test.each(['SELECT 1', 'SELECT nothing FROM nowhere', 'SELEKT 1', '', ' -- nothing', 'BEGIN IMMEDIATE', 'COMMIT'])('%j takes no permission', (sql) => {
  expect(checker.refusal(sql, [])).toBeUndefined()
})

test('compares the names of tables as SQLite does', () => {
  expect(checker.refusal('SELECT a FROM T', permissions('T: data_read'))).toBeUndefined()
  const kelvin = checkerFor(['CREATE TABLE "\u212A" (a)', 'CREATE TABLE k (a)'])
  expect(kelvin.refusal('SELECT a FROM "\u212A"', permissions('k: data_read'))).toBeDefined()
  expect(kelvin.refusal('SELECT a FROM "K"', permissions('k: data_read'))).toBeUndefined()
  kelvin.close()
})
