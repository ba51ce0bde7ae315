import {describe, expect, test} from 'vitest'
import {droppedTable, firstWord, hasWord, normalizeSql} from '../../../src/migrator/sql.ts'

describe('normalizeSql', () => {
  test('takes no notice of white space, comments, case, and quotes around names', () => {
    const spellings = ['CREATE TABLE t (id TEXT /* UUID */, "Name" REAL)', 'create table `T`(\n  [id] text, -- the id\n  name real\n);']
    expect(normalizeSql(spellings[0] ?? '')).toBe(normalizeSql(spellings[1] ?? ''))
  })

  test.each([
    ['"a""b" text', '[a"b] text;'],
    ['"größe"', 'größe'],
    ["a DEFAULT 'Low'", 'a default "Low"'],
    ['a DEFAULT Low', "a default 'Low'"],
    ['a DEFAULT NULL, b DEFAULT CURRENT_TIMESTAMP', 'a default null, b default current_timestamp'],
    ['ON DELETE SET DEFAULT ON UPDATE CASCADE', 'on delete set default on update cascade'],
    ["a DEFAULT X'AB' CHECK (a->>'$' > 1E5)", "a default x'ab' check (a ->> '$'>1e5)"],
  ])('takes %s and %s for the same', (one, other) => expect(normalizeSql(one)).toBe(normalizeSql(other)))

  test.each([
    ["DEFAULT 'A'", "DEFAULT 'a'"],
    ['a REAL', 'a INTEGER'],
    ["'a -- b'", "'a'"],
    ['DEFAULT Low', 'DEFAULT low'],
    ['"É"', '"é"'],
    ["SELECT x'ab'", "SELECT x 'ab'"],
    ['"a b"', 'a b'],
    ['"two words"', '"two  words"'],
  ])('tells %s from %s', (one, other) => {
    expect(normalizeSql(one)).not.toBe(normalizeSql(other))
  })
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
  ['DROP TABLE "a""b"', 'a"b'],
  ['DROP INDEX t', undefined],
])('%s drops %s', (sql, table) => expect(droppedTable(sql)?.toLowerCase()).toBe(table))

test('takes a text of many megabytes in its stride', () => {
  for (const part of ["'it''s'", '"a""b"', '/* */ x', 'x;', '((', '-- x\n', '\\']) {
    const text = part.repeat(Math.ceil(1e6 / part.length))
    const started = performance.now()
    expect([normalizeSql(text), hasWord(text, 'returning'), droppedTable(text)].slice(1)).toEqual([false, undefined])
    expect(performance.now() - started, part).toBeLessThan(3000)
  }
})
