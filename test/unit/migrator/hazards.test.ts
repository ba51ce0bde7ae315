import {createClient} from '@libsql/client/sqlite3'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {foldName} from '../../../src/database/sql/tokens.ts'
import {hazardsOf} from '../../../src/migrator/hazards.ts'

const schema = [
  {type: 'table', name: 't', sql: 'CREATE TABLE t (id TEXT PRIMARY KEY, a REAL, "B c" TEXT, d TEXT AS (a || 1), UNIQUE (a))'},
  {type: 'table', name: 'u', sql: 'CREATE TABLE "u" (id INTEGER PRIMARY KEY, t_id TEXT REFERENCES t)'},
  {type: 'table', name: 'f', sql: "CREATE VIRTUAL TABLE f USING fts5(body, tokenize = 'porter')"},
  {type: 'view', name: 'v', sql: 'CREATE VIEW v AS SELECT id FROM t'},
]

const hazards = (...statements: string[]) =>
  hazardsOf(
    statements.map((sql) => ({sql, args: []})),
    schema,
  )
const reasons = (...statements: string[]) => hazards(...statements).destructive

describe('destructive', () => {
  test.each<[string, string]>([
    ['DROP TABLE t', 'drops the table t'],
    ['drop table if exists main."T" -- it', 'drops the table t'],
    ['DROP TABLE f', 'drops the table f'],
    ['ALTER TABLE t DROP COLUMN a', 'drops the column a of t'],
    ['ALTER TABLE "t" DROP "b C"', 'drops the column b c of t'],
    ['UPDATE t SET a = 1', 'overwrites the column a in every row of t'],
    ["UPDATE t SET a = 1, [B c] = 'WHERE id = 1'", 'overwrites the columns a, b c in every row of t'],
    ['UPDATE OR IGNORE t AS x SET (a, "B c") = (1, 2) RETURNING id', 'overwrites the columns a, b c in every row of t'],
    ['UPDATE t SET a = a * 2 -- WHERE id = 1', 'overwrites the column a in every row of t'],
    ['UPDATE t SET a = (SELECT max(id) FROM u WHERE t_id = 1)', 'overwrites the column a in every row of t'],
    ['UPDATE t SET a = u.id FROM u', 'overwrites the column a in every row of t'],
    ['UPDATE t SET a = 1 WHERE 1 = 1', 'overwrites the column a in every row of t'],
    ['DELETE FROM t', 'deletes every row of t'],
    ['DELETE FROM main.[t] WHERE true', 'deletes every row of t'],
    ['WITH old AS (SELECT id FROM u WHERE id > 1) DELETE FROM t', 'deletes every row of t'],
    ['DELETE FROM v', 'deletes every row of v'],
    ["INSERT OR REPLACE INTO t (id) VALUES ('1')", 'replaces the rows of t that are in its way'],
    ["/* */ replace into T (id) VALUES ('1')", 'replaces the rows of t that are in its way'],
    ['UPDATE OR REPLACE t SET id = 2 WHERE id = 1', 'replaces the rows of t that are in its way'],
  ])('is %s', (sql, reason) => expect(reasons(sql)).toEqual([{statement: 0, reason}]))

  test.each([
    'DROP INDEX t_a',
    'DROP VIEW v',
    'DROP TRIGGER r',
    'DROP TABLE IF EXISTS nothing',
    'ALTER TABLE t ADD COLUMN x TEXT',
    'ALTER TABLE t RENAME COLUMN a TO x',
    'ALTER TABLE t RENAME TO x',
    'ALTER TABLE t ALTER COLUMN a TO a TEXT',
    "UPDATE t SET a = 1 WHERE id = 'DELETE FROM t'",
    'DELETE FROM t WHERE "a" IS NULL',
    'WITH x AS (SELECT 1) DELETE FROM t WHERE id IN x',
    "INSERT INTO t (id) VALUES ('DROP TABLE t')",
    'INSERT INTO t (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1',
    'CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM u; UPDATE t SET a = 1; END',
    'CREATE TABLE IF NOT EXISTS t (id TEXT)',
    'CREATE INDEX i ON t (a) WHERE a > 1',
    'DELETE FROM sqlite_sequence',
    'SELECT * FROM t',
    'EXPLAIN DELETE FROM t',
  ])('is not %s', (sql) => expect(reasons(sql)).toEqual([]))

  test('is not what changes only what the migrations themselves have made', () => {
    expect(reasons('ALTER TABLE t ADD COLUMN x', "UPDATE t SET x = 'new'", 'ALTER TABLE t DROP COLUMN x')).toEqual([])
    expect(reasons('CREATE TABLE n (x)', 'INSERT OR REPLACE INTO n VALUES (1)', 'DELETE FROM n', 'DROP TABLE n')).toEqual([])
  })

  test('is not a column whose values are in another one first', () => {
    expect(reasons('ALTER TABLE t ADD COLUMN x TEXT', 'UPDATE t SET x = CAST(a AS TEXT)', 'ALTER TABLE t DROP COLUMN a')).toEqual([])
    expect(reasons('ALTER TABLE t ADD COLUMN x INTEGER', 'UPDATE t SET x = CAST(a AS INTEGER)', 'ALTER TABLE t DROP COLUMN a')).toHaveLength(1)
    expect(reasons('UPDATE t SET a = "B c", "B c" = a')).toEqual([])
  })
})

describe('a rebuilt table', () => {
  const rebuild = (columns: string, copy: string) => [`CREATE TABLE t_new (${columns})`, copy, 'DROP TABLE t', 'ALTER TABLE t_new RENAME TO t']

  test.each<[string, string[]]>([
    ['new, copied, dropped, renamed', rebuild('id, a, "b C", d AS (a)', 'INSERT INTO t_new (id, a, "b c") SELECT id, a, t."B c" FROM t')],
    ['with every column', ['CREATE TABLE x AS SELECT * FROM t', 'DROP TABLE t', 'ALTER TABLE x RENAME TO t']],
    ['with an order and another name', rebuild('id, a, b', 'INSERT INTO main.t_new SELECT o.id, coalesce(o.a, 0) AS a, (o."B c") FROM main.t AS o ORDER BY a')],
    [
      'renamed first',
      [
        'ALTER TABLE t RENAME TO old',
        'CREATE TABLE t (id, a, b)',
        'INSERT INTO t (id, a, b) SELECT id, a, "B c" FROM old',
        'ALTER TABLE old RENAME TO older',
        'DROP TABLE older',
      ],
    ],
    ['in two parts', rebuild('id, a, b', 'INSERT INTO t_new (id, a) SELECT id, a FROM t').toSpliced(2, 0, 'INSERT INTO t_new (b) SELECT "B c" FROM t')],
  ])('that keeps all columns is not destructive: %s', (_, statements) => expect(hazards(...statements)).toMatchObject({rebuilds: ['t'], destructive: []}))

  test.each<[string, string[], string]>([
    ['a column is missing', rebuild('id, a', 'INSERT INTO t_new SELECT id, a FROM t'), 'drops the table t, of which the column b c is not copied'],
    ['columns are not copied', rebuild('id, a, b', 'INSERT INTO t_new (id) SELECT id FROM t'), 'drops the table t, of which the columns a, b c are not copied'],
    [
      'a column is made of another',
      rebuild('id, a, b', "INSERT INTO t_new SELECT id, a, upper(id) || '' FROM t"),
      'drops the table t, of which the column b c is not copied',
    ],
    ['nothing is copied', ['DROP TABLE t', 'CREATE TABLE t (id, a)'], 'drops the table t'],
    ...[' WHERE a > 1', ' LIMIT 5', ' JOIN u ON u.t_id = t.id', ', u', ' GROUP BY a'].map((rest): [string, string[], string] => [
      `of the rows only those are copied:${rest}`,
      rebuild('id, a, b', `INSERT INTO t_new SELECT t.id, a, "B c" FROM t${rest}`),
      'drops the table t, of which not every row is copied',
    ]),
    [
      'doubles are left out',
      rebuild('id, a, b', 'INSERT INTO t_new SELECT DISTINCT id, a, "B c" FROM t'),
      'drops the table t, of which not every row is copied',
    ],
    [
      'conflicts are left out',
      rebuild('id, a, b', 'INSERT OR IGNORE INTO t_new SELECT id, a, "B c" FROM t'),
      'drops the table t, of which not every row is copied',
    ],
    [
      'another table of that name is copied',
      [
        'CREATE TABLE t_new (id, a, b)',
        'WITH t(id, a, b) AS (SELECT 1, 2, 3) INSERT INTO t_new SELECT id, a, "B c" FROM t',
        'DROP TABLE t',
        'ALTER TABLE t_new RENAME TO t',
      ],
      'drops the table t',
    ],
    ['rows are counted', rebuild('id, a, b', 'INSERT INTO t_new SELECT max(id), a, "B c" FROM t'), 'drops the table t, of which not every row is copied'],
  ])('is destructive where %s', (_, statements, reason) => {
    const found = hazards(...statements)
    expect(found.rebuilds).toEqual(['t'])
    expect(found.destructive.map((each) => each.reason)).toEqual([reason])
    expect(statements[found.destructive[0]?.statement ?? -1]).toBe('DROP TABLE t')
  })

  test('may be several at once', () => {
    const u = ['CREATE TABLE u_new (id, t_id)', 'INSERT INTO u_new SELECT * FROM u', 'DROP TABLE u', 'ALTER TABLE u_new RENAME TO u']
    expect(hazards(...rebuild('id, a', 'INSERT INTO t_new SELECT id, a FROM t'), ...u)).toEqual({
      rebuilds: ['t', 'u'],
      destructive: [{statement: 2, reason: 'drops the table t, of which the column b c is not copied'}],
      renamed: [],
    })
  })
})

test('what only gets another name is told apart', () => {
  expect(hazards('ALTER TABLE t RENAME TO x', 'ALTER TABLE u RENAME COLUMN t_id TO x_id')).toEqual({rebuilds: [], destructive: [], renamed: ['t', 'u.t_id']})
  expect(hazards('CREATE TABLE copy AS SELECT * FROM u', 'DROP TABLE u')).toEqual({rebuilds: [], destructive: [], renamed: ['u']})
})

const table = fc.constantFrom('a', 'b', 'c', '"a"', 'main.[b]', 'C')
const column = fc.constantFrom('x', 'y', 'z', '"x"', '`Y`', 'w')
const columns = fc.uniqueArray(column, {minLength: 1, maxLength: 4, selector: foldName}).map((names) => names.join(', '))
const statement = fc.oneof(
  fc.tuple(table, columns).map(([name, list]) => `CREATE TABLE ${name} (${list})`),
  fc.tuple(table, columns, table).map(([name, list, from]) => `CREATE TABLE ${name} AS SELECT ${list} FROM ${from}`),
  fc.tuple(table, columns, columns, table).map(([name, into, list, from]) => `INSERT INTO ${name} (${into}) SELECT ${list} /* ; */ FROM ${from}`),
  fc.tuple(table, table).map(([name, from]) => `insert into ${name} select * from ${from}`),
  fc.tuple(table, table).map(([name, from]) => `INSERT INTO ${name} SELECT * FROM ${from} WHERE rowid = 1`),
  table.map((name) => `DROP TABLE ${name}`),
  fc.tuple(table, fc.constantFrom('a', 'b', 'c')).map(([name, to]) => `ALTER TABLE ${name} RENAME TO ${to}`),
  fc.tuple(table, column, column).map(([name, from, to]) => `ALTER TABLE ${name} RENAME ${from} TO ${to}`),
  fc.tuple(table, column).map(([name, dropped]) => `ALTER TABLE ${name} DROP COLUMN ${dropped}`),
  fc.tuple(table, column).map(([name, added]) => `ALTER TABLE ${name} ADD ${added}`),
  fc.tuple(table, column, column, column).map(([name, one, other, from]) => `UPDATE ${name} SET ${one} = ${from}, ${other} = CAST(${one} AS TEXT)`),
  table.map((name) => `DELETE FROM ${name}`),
)

test('finds a loss where values are gone from a real database, and nowhere else', async () => {
  const own = [
    {type: 'table', name: 'a', sql: 'CREATE TABLE a (x, y, z)'},
    {type: 'table', name: 'b', sql: 'CREATE TABLE b (x, y)'},
  ]
  let losses = 0
  await fc.assert(
    fc.asyncProperty(fc.array(statement, {minLength: 1, maxLength: 12}), async (candidates) => {
      const client = createClient({url: ':memory:'})
      for (const {sql} of own) await client.execute(sql)
      const values = ['ax1', 'ay1', 'az1', 'ax2', 'ay2', 'az2', 'bx1', 'by1', 'bx2', 'by2']
      await client.execute({sql: 'INSERT INTO a VALUES (?, ?, ?), (?, ?, ?)', args: values.slice(0, 6)})
      await client.execute({sql: 'INSERT INTO b VALUES (?, ?), (?, ?)', args: values.slice(6)})
      const statements: string[] = []
      for (const sql of candidates)
        await client.execute(sql).then(
          () => statements.push(sql),
          () => undefined,
        )
      const found = hazardsOf(
        statements.map((sql) => ({sql, args: []})),
        own,
      ).destructive
      const {rows: tables} = await client.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
      const left = new Set<unknown>()
      for (const {name} of tables)
        for (const row of (await client.execute(`SELECT * FROM "${name}"`)).rows) for (const value of Object.values(row)) left.add(value)
      client.close()
      const gone = values.filter((value) => !left.has(value))
      if (gone.length > 0) losses += 1
      const isCertain = !statements.some((sql) => sql.includes('WHERE'))
      if (gone.length > 0 || isCertain) expect({lost: found.length > 0, statements, gone}).toEqual({lost: gone.length > 0, statements, gone})
    }),
    {numRuns: 1000},
  )
  expect(losses).toBeGreaterThan(100)
})
