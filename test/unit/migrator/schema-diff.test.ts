import {describe, expect, test} from 'vitest'
import type {SchemaObject} from '../../../src/database/inspect.ts'
import {diffSchemas, formatDifferences} from '../../../src/migrator/schema-diff.ts'

const table = (name: string, sql: string): SchemaObject => ({type: 'table', name, sql})

/** The differences of two schemas as a person sees them, line by line. */
const shown = (expected: SchemaObject[], actual: SchemaObject[]) => formatDifferences(diffSchemas(expected, actual)).split('\n')

describe('the differences of two schemas', () => {
  test('show what is missing and what nobody knows, each whole', () => {
    const expected = [table('notes', 'CREATE TABLE notes (id TEXT PRIMARY KEY, text TEXT)')]
    const actual = [{type: 'index', name: 'ix', sql: 'CREATE INDEX ix ON trades (id)'}]
    expect(shown(expected, actual)).toEqual([
      'index ix is not known to the migrations:',
      '  + create index ix on trades (id)',
      '',
      'table notes is missing:',
      '  - create table notes (',
      '  -   id text primary key',
      '  -   text text',
      '  - )',
    ])
  })

  test('show of a long table only what differs, and two lines around it', () => {
    const columns = Array.from({length: 40}, (_, index) => `c${index} REAL`)
    const sql = (names: string[]) => `CREATE TABLE t (${names.join(', ')}, PRIMARY KEY (c0, c1))`
    const renamed = columns.map((column) => (column === 'c20 REAL' ? 'profit REAL' : column))
    expect(shown([table('t', sql(columns))], [table('t', sql(renamed))])).toEqual([
      'table t differs:',
      '    …',
      '      c18 real',
      '      c19 real',
      '  -   c20 real',
      '  +   profit real',
      '      c21 real',
      '      c22 real',
      '    …',
    ])
    expect(shown([table('t', sql(columns))], [table('t', sql([...columns, 'note TEXT']))]).slice(-6)).toEqual([
      '    …',
      '      c38 real',
      '      c39 real',
      '  +   note text',
      '      primary key (c0, c1)',
      '    )',
    ])
  })

  test('show a column that stands elsewhere once with each sign', () => {
    const [one, other] = ['CREATE TABLE t (a INT, b INT, c INT)', 'CREATE TABLE t (b INT, c INT, a INT)']
    expect(shown([table('t', one)], [table('t', other)])).toEqual([
      'table t differs:',
      '    create table t (',
      '  -   a int',
      '      b int',
      '      c int',
      '  +   a int',
      '    )',
    ])
  })

  test('split a table at the commas between columns only', () => {
    const sql = (price: string) => `CREATE TABLE "a, b" (price ${price}, note TEXT DEFAULT 'a, (b''s', "odd, (name" TEXT CHECK ("odd, (name" IN ('x', 'y')))`
    expect(shown([table('a, b', sql('DECIMAL(10,2)'))], [table('a, b', sql('DECIMAL(10, 4)'))])).toEqual([
      'table a, b differs:',
      '    create table "a, b" (',
      '  -   price decimal (10, 2)',
      '  +   price decimal (10, 4)',
      `      note text default 'a, (b''s'`,
      `      "odd, (name" text check ("odd, (name" in ('x', 'y'))`,
      '    …',
    ])
  })

  test('show what follows the columns, and a table made of a query', () => {
    expect(shown([table('t', 'CREATE TABLE t (a INT) STRICT')], [table('t', 'create table "t" ([a] int)')])).toEqual([
      'table t differs:',
      '    create table t (',
      '      a int',
      '  - ) strict',
      '  + )',
    ])
    expect(shown([], [table('f', 'CREATE VIRTUAL TABLE f USING fts5(a, b)')])).toEqual([
      'table f is not known to the migrations:',
      '  + create virtual table f using fts5 (a, b)',
    ])
  })

  test('show a trigger statement by statement', () => {
    const sql = (value: number) => `CREATE TRIGGER tr AFTER INSERT ON t BEGIN UPDATE t SET x = ${value}; DELETE FROM u; END`
    const trigger = (value: number) => ({type: 'trigger', name: 'tr', sql: sql(value)})
    expect(shown([trigger(1)], [trigger(2)])).toEqual([
      'trigger tr differs:',
      '    create trigger tr after insert on t begin',
      '  -   update t set x = 1',
      '  +   update t set x = 2',
      '      delete from u',
      '    end',
    ])
  })

  test('hold nothing that a terminal would obey', () => {
    const text = formatDifferences([{type: 'table', name: 'a\u001b[2Jb', actual: 'CREATE TABLE "a\u001b[2Jb" (x DEFAULT \'one\ntwo\u202e\')'}])
    expect(text).toContain('table a\\u{1b}[2Jb is not known')
    expect(text).toContain("'one\\u{a}two\\u{202e}'")
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{C}/u)
  })

  test('of very long statements are shown in time', () => {
    const sql = (last: string) => `CREATE TRIGGER tr AFTER INSERT ON t BEGIN ${'DELETE FROM u; '.repeat(20_000)}${last}; END`
    const lines = shown([{type: 'trigger', name: 'tr', sql: sql('DELETE FROM v')}], [{type: 'trigger', name: 'tr', sql: sql('DELETE FROM w')}])
    expect(lines).toEqual([
      'trigger tr differs:',
      '    …',
      '      delete from u',
      '      delete from u',
      '  -   delete from v',
      '  +   delete from w',
      '    end',
    ])
  })
})
