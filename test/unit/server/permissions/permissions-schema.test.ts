import {describePermissions} from '../../../helpers/describe-permissions.ts'

const schema = [
  'CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)',
  'CREATE TABLE u (id TEXT PRIMARY KEY, a TEXT)',
  'CREATE TABLE stats (id INTEGER PRIMARY KEY, n INTEGER)',
  'CREATE TABLE counted (id INTEGER PRIMARY KEY)',
  'CREATE TRIGGER count AFTER INSERT ON counted BEGIN INSERT OR REPLACE INTO stats VALUES (1, 2); END',
  'CREATE TRIGGER u_insert AFTER INSERT ON u BEGIN INSERT INTO t (a) SELECT t.a FROM t JOIN stats USING (id); END',
  'CREATE INDEX t_a ON t (a)',
  'CREATE VIEW v AS SELECT a FROM t',
  'CREATE TABLE parent (id INTEGER PRIMARY KEY)',
  'CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id) ON DELETE CASCADE)',
]

describePermissions(schema, [
  [
    'schema_add',
    'n t v2: schema_add',
    [
      ...['CREATE TABLE n (a)', 'CREATE TABLE IF NOT EXISTS main.n (id INTEGER PRIMARY KEY AUTOINCREMENT)', 'CREATE VIEW v2 AS SELECT * FROM t'],
      ...['CREATE VIRTUAL TABLE n USING fts5 (a)', 'CREATE TRIGGER n AFTER INSERT ON t BEGIN DELETE FROM u; SELECT 1; END;', 'EXPLAIN CREATE TABLE n (a)'],
    ],
    [
      ...[
        'CREATE TABLE x (a)',
        'CREATE TABLE n AS SELECT a FROM t',
        'CREATE TABLE n AS SELECT * FROM sqlite_sequence',
        'CREATE TRIGGER n AFTER INSERT ON u BEGIN SELECT 1; END',
      ],
      ...[
        'CREATE TEMP TABLE n (a)',
        'CREATE TEMP TRIGGER n AFTER INSERT ON t BEGIN SELECT 1; END',
        'CREATE TABLE temp.n (a)',
        'CREATE VIRTUAL TABLE n USING dbstat',
      ],
      ...['CREATE INDEX n ON u (a)', 'CREATE TRIGGER n AFTER INSERT ON t BEGIN SELECT 1; END; DELETE FROM u', 'CREATE TEMP VIEW v2 AS SELECT 1'],
    ],
  ],
  ['schema_add with data_read', 't: schema_add data_read; n: schema_add', ['CREATE INDEX n ON t (a)', 'CREATE TABLE n AS SELECT a FROM t'], []],
  [
    'schema_update',
    't n: schema_update',
    [
      ...['ALTER TABLE t ADD COLUMN b CHECK (b > 0)', 'ALTER TABLE t RENAME a TO b', 'ALTER TABLE main.t RENAME TO n', 'ALTER TABLE t DROP COLUMN a'],
      ...['ALTER TABLE t ALTER COLUMN a TO a INTEGER', 'alter table "main"."t" alter column a to a TEXT DEFAULT \';\';'],
    ],
    [
      ...[
        'ALTER TABLE t RENAME TO other',
        'ALTER TABLE "t" RENAME TO "o""ther"',
        'ALTER TABLE u ADD COLUMN b',
        'DROP TABLE t',
        'ALTER TABLE u ALTER COLUMN a TO a INTEGER',
      ],
      'ALTER TABLE t ALTER COLUMN a TO a INTEGER; DELETE FROM u',
    ],
  ],
  [
    'schema_delete',
    't v u: schema_delete',
    ['DROP TABLE IF EXISTS t', 'DROP VIEW v', 'DROP INDEX t_a', 'DROP TRIGGER u_insert'],
    ['DROP TABLE stats', 'DROP TRIGGER count', 'DELETE FROM t'],
  ],
  ['schema_delete of a parent alone', 'parent: schema_delete', [], ['DROP TABLE parent']],
  ['schema_delete of a parent, with the children it takes along', 'parent: schema_delete; child: data_read data_delete', ['DROP TABLE parent'], []],
])
