import {expect, test} from 'vitest'
import {allActions, checkerFor, permissions} from '../../../helpers/checker.ts'
import {describePermissions} from '../../../helpers/describe-permissions.ts'

const everything = `*: ${allActions.join(' ')}`
const schema = [
  'CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)',
  'CREATE TABLE u (id TEXT PRIMARY KEY, a TEXT)',
  'CREATE VIRTUAL TABLE notes USING fts5 (text)',
  'CREATE TABLE parent (id INTEGER PRIMARY KEY)',
  'CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id) ON DELETE CASCADE)',
]

describePermissions(schema, [
  [
    'pragmas',
    't: data_read data_add',
    [
      'PRAGMA table_info(u)',
      'PRAGMA main.table_xinfo("u")',
      'PRAGMA user_version',
      'PRAGMA foreign_keys = ON',
      'PRAGMA defer_foreign_keys(1)',
      "SELECT name FROM pragma_table_info('u')",
    ],
    [
      ...[
        'PRAGMA user_version = 1',
        'PRAGMA journal_mode = DELETE',
        'PRAGMA writable_schema = ON',
        'PRAGMA recursive_triggers = ON',
        "PRAGMA encoding = 'UTF-16'",
        'PRAGMA unheard_of',
      ],
      ...[
        'PRAGMA optimize',
        'PRAGMA integrity_check',
        'PRAGMA foreign_key_check',
        'SELECT * FROM pragma_quick_check',
        'PRAGMA table_info(u); DELETE FROM t',
        'EXPLAIN PRAGMA user_version = 1',
      ],
    ],
  ],
  ['pragmas without a write', 't: data_read', ['PRAGMA foreign_keys'], ['PRAGMA foreign_keys = OFF']],
  ['the schema, to a token that reads nothing', 't: data_add', ['PRAGMA table_info(t)'], ['SELECT sql FROM sqlite_schema']],
  [
    'everything',
    everything,
    [
      'BEGIN READONLY',
      'BEGIN IMMEDIATE',
      'BEGIN TRANSACTION READONLY',
      'SAVEPOINT a',
      'ROLLBACK TO a',
      'RELEASE a',
      'END',
      'DELETE FROM parent',
      'DROP TABLE notes',
    ],
    [
      ...[
        'VACUUM',
        "VACUUM INTO '/tmp/copy'",
        "ATTACH 'x' AS y",
        'DETACH y',
        'ANALYZE',
        'REINDEX',
        'EXPLAIN VACUUM',
        'BEGIN READONLY; DELETE FROM t',
        'SELECT 1; SELECT 2',
      ],
      ...[
        'UPDATE sqlite_sequence SET seq = 9',
        'DELETE FROM sqlite_sequence',
        "SELECT readfile('/etc/passwd')",
        "SELECT WriteFile ('/tmp/x', 'y')",
        "SELECT load_extension('x')",
      ],
      ...[
        "SELECT name FROM fsdir('/')",
        "SELECT * FROM 'fsdir'",
        "SELECT sha3_query('SELECT 1')",
        'SELECT pageno FROM dbstat',
        'SELECT count(*) FROM dbstat',
        'SELECT data FROM sqlite_dbpage',
      ],
      ...[
        "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT writefile('/tmp/x', 'y'); END",
        'SELECT * FROM generate_series(1, 2)',
        "SELECT vector32('[1]')",
        'DELETE FROM notes_data',
      ],
    ],
  ],
])

test('a pragma that is checked changes nothing for the statements after it', () => {
  const checker = checkerFor(schema)
  expect(checker.refusal('PRAGMA foreign_keys = OFF', permissions(everything))).toBeUndefined()
  expect(checker.refusal('DELETE FROM parent', permissions('parent: data_read data_delete'))).toBeDefined()
  checker.close()
})

test.each(['SELECT 1\0; DELETE FROM t', 'SELECT \ud800'])('refuses %j, which libraries read differently', (sql) => {
  const checker = checkerFor(schema)
  expect(checker.refusal(sql, permissions(everything))).toMatch(/^not authorized: the text holds a NUL/)
  checker.close()
})
