import {describe, expect, test} from 'vitest'
import {droppedTable, firstWord, hasSeveralStatements, hasWord, normalizeSql} from '../../../src/migrator/sql.ts'

describe('normalizeSql', () => {
  test('takes no notice of white space, comments, case, and quotes around names', () => {
    const spellings = ['CREATE TABLE t (id TEXT /* UUID */, "Name" REAL)', 'create table `T`(\n  [id] text, -- the id\n  name real\n);']
    expect(normalizeSql(spellings[0] ?? '')).toBe(normalizeSql(spellings[1] ?? ''))
  })

  test.each([
    ["DEFAULT 'A'", "DEFAULT 'a'"],
    ['a REAL', 'a INTEGER'],
    ["'a -- b'", "'a'"],
    ['"two words"', '"two  words"'],
  ])('tells %s from %s', (one, other) => {
    expect(normalizeSql(one)).not.toBe(normalizeSql(other))
  })
})

describe('hasSeveralStatements', () => {
  test.each([
    'SELECT 1; SELECT 2',
    "INSERT INTO t VALUES (';'); DROP TABLE t",
    'CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END; DROP TABLE t',
    'CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END; CREATE TRIGGER b AFTER INSERT ON t BEGIN SELECT 1; END;',
  ])('%s: yes', (sql) => expect(hasSeveralStatements(sql)).toBe(true))

  test.each([
    'SELECT 1',
    'SELECT 1; -- and ; nothing else',
    "SELECT ';' /* ; */",
    'CREATE TRIGGER a AFTER INSERT ON t BEGIN UPDATE t SET x = CASE WHEN 1 THEN 2 END; DELETE FROM u; END',
    'create temp trigger a after insert on t begin select 1; end;',
  ])('%s: no', (sql) => expect(hasSeveralStatements(sql)).toBe(false))
})

test('finds words outside of strings, quoted names and comments', () => {
  expect(hasWord('INSERT INTO t VALUES (1) RETURNING id', 'returning')).toBe(true)
  expect(hasWord(`INSERT INTO t VALUES ('returning') -- returning`, 'returning')).toBe(false)
  expect(firstWord('/* first */ Select 1')).toBe('select')
})

test.each([
  ['DROP TABLE t', 't'],
  ['drop table if exists "My Table"', 'my table'],
  ['DROP TABLE main.t;', 't'],
  ["DROP TABLE 'parent'", 'parent'],
  ['DROP INDEX t', undefined],
])('%s drops %s', (sql, table) => expect(droppedTable(sql)?.toLowerCase()).toBe(table))
