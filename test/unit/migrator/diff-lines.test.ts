import fc from 'fast-check'
import {expect, test} from 'vitest'
import {diffLines} from '../../../src/migrator/diff-lines.ts'

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), {maxLength: 12})

/** The length of the longest common subsequence, by trying all. */
function longest([first, ...rest]: string[], others: string[]): number {
  if (first === undefined || others.length === 0) return 0
  const at = others.indexOf(first)
  return Math.max(longest(rest, others), at === -1 ? 0 : 1 + longest(rest, others.slice(at + 1)))
}

test('a comparison holds both sides in order, and as many lines as possible on both', () => {
  fc.assert(
    fc.property(lines, lines, (expected, actual) => {
      const result = diffLines(expected, actual)
      const without = (sign: string) => result.filter((line) => line.sign !== sign).map(({text}) => text)
      expect([without('+'), without('-')]).toEqual([expected, actual])
      expect(result.filter(({sign}) => sign === ' ')).toHaveLength(longest(expected, actual))
    }),
  )
})

test('two long texts that have little in common are compared in time', () => {
  const of = (letter: string) => Array.from({length: 50_000}, (_, index) => `${letter}${index}`)
  const result = diffLines(['same', ...of('a'), 'same'], ['same', ...of('b'), 'same'])
  expect(result).toHaveLength(100_002)
  expect([result[0], result[1], result.at(-1)]).toEqual([
    {sign: ' ', text: 'same'},
    {sign: '-', text: 'a0'},
    {sign: ' ', text: 'same'},
  ])
})
