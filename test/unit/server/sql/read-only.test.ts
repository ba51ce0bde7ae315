import {expect, test} from 'vitest'
import {isReadOnly} from '../../../../src/server/sql/read-only.ts'

test.each([
  ...[
    'SELECT * FROM t',
    '  -- why\n select 1;',
    'VALUES (1)',
    'WITH a AS (SELECT 1), b (x) AS MATERIALIZED (SELECT 2) SELECT * FROM a, b',
    'WITH replace AS (SELECT 1) VALUES (1)',
  ],
  ...['BEGIN', 'BEGIN IMMEDIATE', 'BEGIN READONLY', 'COMMIT', 'END', 'ROLLBACK', 'SAVEPOINT a', 'RELEASE a', 'ROLLBACK TO a', ''],
  ...[
    'EXPLAIN DELETE FROM t',
    'EXPLAIN QUERY PLAN INSERT INTO t VALUES (1)',
    'PRAGMA table_info(t)',
    'PRAGMA main.index_list("t")',
    'pragma Schema_Version',
    'PRAGMA encoding;',
  ],
])('a read-only token may send %j', (sql) => expect(isReadOnly(sql)).toBe(true))

test.each([
  ...[
    'INSERT INTO t VALUES (1)',
    'REPLACE INTO t VALUES (1)',
    'UPDATE t SET a = 1',
    'DELETE FROM t',
    'CREATE TABLE t (a)',
    'DROP TABLE t',
    'ALTER TABLE t ADD COLUMN b',
  ],
  ...[
    'WITH a AS (SELECT 1) DELETE FROM t',
    'WITH a (b) AS (SELECT 1), c AS NOT MATERIALIZED (SELECT (2)) REPLACE INTO t SELECT 1',
    'WITH "select" AS (SELECT $a(\')) DELETE FROM t -- \')',
  ],
  ...[
    'VACUUM',
    "ATTACH 'x' AS y",
    'ANALYZE',
    'REINDEX',
    'SELECT 1; DELETE FROM t',
    'BEGIN; DELETE FROM t',
    "SELECT writefile('/tmp/x', 'y')",
    "SELECT name FROM fsdir('/')",
    "SELECT name FROM 'fsdir' WHERE path = '/'",
  ],
  ...[
    'PRAGMA foreign_keys',
    'PRAGMA foreign_keys = OFF',
    'PRAGMA user_version',
    'PRAGMA user_version = 1',
    "PRAGMA encoding = 'UTF-16'",
    'PRAGMA schema_version(3)',
  ],
  ...['EXPLAIN PRAGMA user_version = 1', 'EXPLAIN QUERY PLAN PRAGMA foreign_keys = OFF', 'PRAGMA journal_mode', 'PRAGMA main.user_version'],
])('a read-only token may not send %j', (sql) => expect(isReadOnly(sql)).toBe(false))
