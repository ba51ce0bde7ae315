import fc from 'fast-check'
import {expect, test} from 'vitest'
import {wavesOf} from '../../../src/fleet/waves.ts'

const waves = (names: string[], patterns?: string[]) =>
  wavesOf(
    names.map((name) => ({name})),
    patterns,
  ).map(({name, databases}) => [name, databases.map((database) => database.name)])

test('what is tried out comes before what trades, and before what is neither', () => {
  expect(waves(['archive', 'live-a', 'live-b', 'stage-a'])).toEqual([
    ['stage-*', ['stage-a']],
    ['live-*', ['live-a', 'live-b']],
    ['the rest', ['archive']],
  ])
})

test('a database is in the wave of the first pattern that it matches', () => {
  expect(waves(['live-a', 'live-b', 'live-canary'], ['live-canary', 'live-*', '*-a'])).toEqual([
    ['live-canary', ['live-canary']],
    ['live-*', ['live-a', 'live-b']],
  ])
})

test('waves without a database are left out', () => {
  expect(waves(['live-a'])).toEqual([['live-*', ['live-a']]])
  expect(waves([])).toEqual([])
})

test.each([
  ['live-*', 'live-', true],
  ['live-*', 'xlive-a', false],
  ['*', 'anything', true],
  ['*-condor-*', 'live-condor-2', true],
  ['live-a', 'live-ab', false],
  ['live.a', 'live-a', false],
  ['live-[ab]', 'live-a', false],
  ['live-?', 'live-a', false],
  ['(', 'live-a', false],
  ['**', 'live-a', true],
])('%s and %s: %s', (pattern, name, matches) => {
  expect(waves([name], [pattern])).toEqual([[matches ? pattern : 'the rest', [name]]])
})

test('every database is in exactly one wave, whatever the patterns', () => {
  const name = fc.stringMatching(/^(stage|live|x)-[ab]{0,3}$/)
  fc.assert(
    fc.property(fc.uniqueArray(name), fc.array(fc.stringMatching(/^[a-z*.-]{0,6}$/)), (names, patterns) => {
      expect(
        waves(names, patterns)
          .flatMap(([, members]) => members)
          .sort(),
      ).toEqual(names.sort())
    }),
  )
})
