import fc from 'fast-check'
import {expect, test} from 'vitest'
import {foldCase, foldName, hasSeveralStatements, tokens} from '../../../../src/database/sql/tokens.ts'

const token = fc.constantFrom(
  ...['SELECT', 'replace', 'größe', '_a$1', '12', '1.5e3', '.5', '0x1F', '(', ')', ';', ',', '*', '?', "'it''s; -- no'", '"a ""b"" /*"', '`c``d`', "[e 'f]"],
  ...[':name', '@a::b', "$a(')", '$b(";/*)', '#c', "''", '-', '/', "x'00FF'", '->>', '->', '||', '<>', '<=', '==', '!=', '<<', '>>', '1e+5', '2.5E-3'],
)
const gap = fc.constantFrom(' ', '\n\t', '/* \' " ; */', '/*/ */', "-- it's\n", '\uFEFF', ' \r\f')

test('splits a text into the tokens that it was made of', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(token, gap)), (parts) => {
      // A hyphen or slash followed by a comment's beginning is what SQLite reads otherwise.
      const text = parts.map(([each, space]) => `${each} ${space}`).join('')
      expect([...tokens(text)]).toEqual(parts.map(([each]) => each))
    }),
  )
})

test.each<[string, string[]]>([
  ["$a(') )REPLACE", ["$a(')", ')', 'REPLACE']],
  [':a::b(x y', [':a::b(x', 'y']],
  ['0x1OR', ['0x1', 'OR']],
  ["x'ab'", ["x'ab'"]],
  ["x 'ab'", ['x', "'ab'"]],
  ["ax'ab'", ['ax', "'ab'"]],
  ["X'no ; hex'y", ["X'no ; hex'", 'y']],
  ["a->>'$.b'->c", ['a', '->>', "'$.b'", '->', 'c']],
  ['a<=b<>c|d||e', ['a', '<=', 'b', '<>', 'c', '|', 'd', '||', 'e']],
  ['1e-5-x', ['1e-5', '-', 'x']],
  ['a\v', ['a', '\v']],
  ['a \vb', ['a', 'b']],
  ['a\0b', ['a', '\0', 'b']],
  ['größe\u00a0x', ['größe\u00a0x']],
  ["'open ; --", ["'open ; --"]],
  ['a/* open ;', ['a']],
  ['\uFEFFreplace', ['replace']],
  ['a\uFEFFb', ['a\uFEFFb']],
])('splits %j as SQLite does', (text, expected) => expect([...tokens(text)]).toEqual(expected))

test('folds the names that SQLite holds to be the same', () => {
  expect(['T', '"T"', '[T]', '`T`', "'T'"].map(foldName)).toEqual(['t', 't', 't', 't', 't'])
  expect(foldName('"a""B"')).toBe('a"b')
  expect(foldCase('ÄK\u212A')).toBe('Äk\u212A')
})

test('tells whether something follows the first statement', () => {
  expect(hasSeveralStatements("SELECT ';' -- ;\n;; /* x */")).toBe(false)
  expect(hasSeveralStatements('SELECT 1; x')).toBe(true)
})

test('takes a text of many megabytes in its stride', () => {
  for (const text of [`'${'a'.repeat(8e6)}'`, 'a'.repeat(8e6), ' '.repeat(8e6), `/*${'*'.repeat(8e6)}*/`, `"${'""'.repeat(4e6)}"`]) {
    const started = performance.now()
    expect([...tokens(text)].length).toBeLessThan(2)
    expect(performance.now() - started).toBeLessThan(2000)
  }
})
