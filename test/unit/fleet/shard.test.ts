import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {isInShard, murmur3, parseShard, type Shard} from '../../../src/fleet/shard.ts'

const shardsOf = (count: number): Shard[] => Array.from({length: count}, (_, index) => ({index: index + 1, count}))
const name = fc.stringMatching(/^(stage|live)-[a-z0-9-]{0,56}[a-z0-9]$/)

describe('--shard', () => {
  test.each([
    ['1/1', {index: 1, count: 1}],
    ['2/4', {index: 2, count: 4}],
    ['256/256', {index: 256, count: 256}],
  ])('%s', (text, shard) => expect(parseShard(text)).toEqual(shard))

  test.each(['0/4', '5/4', 'a/b', '1/0', '1.5/2', '-1/4', '1/257', '1/99999999999999999999', '4', '1/2/3', ' 1/2', '01/4', '1/', ''])(
    '"%s" is a wrong usage, which an example mends',
    (text) => {
      expect(() => parseShard(text)).toThrow(
        expect.objectContaining({code: 'USAGE', suggestions: ['--shard 2/4'], message: expect.stringContaining('--shard')}),
      )
    },
  )
})

describe('shards', () => {
  test('are a partition: every database is in exactly one', () => {
    fc.assert(
      fc.property(name, fc.integer({min: 1, max: 256}), (database, count) => {
        expect(shardsOf(count).filter((shard) => isInShard(database, shard))).toHaveLength(1)
      }),
    )
  })

  test.each([
    ['stage-condor', '4/4', '4/16'],
    ['live-condor', '1/4', '5/16'],
    ['live-butterfly', '2/4', '2/16'],
    ['archive', '3/4', '7/16'],
  ])('hold %s in %s and %s for ever', (database, ofFour, ofSixteen) => {
    expect([isInShard(database, parseShard(ofFour)), isInShard(database, parseShard(ofSixteen))]).toEqual([true, true])
  })

  test.each([
    ['', 0],
    ['test', 0xba6bd213],
    ['hello', 0x248bfa47],
    ['hello, world', 0x149bbb7f],
    ['Hello, world!', 0xc0363e43],
    ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
  ])('are of MurmurHash3, by its published values: "%s"', (text, hash) => expect(murmur3(text)).toBe(hash))

  test.each([2, 4, 7, 8, 16, 100])('of %i are alike in size, whatever ten thousand databases are called', (count) => {
    const numbers = Array.from({length: 10_000}, (_, index) => index)
    const fleets = [
      numbers.map((index) => `live-condor-${index}`),
      numbers.map((index) => `stage-${String(index).padStart(5, '0')}`),
      numbers.map((index) => `live-${index.toString(2)}-archive`),
    ]
    const expected = 10_000 / count
    for (const fleet of fleets) {
      const sizes = shardsOf(count).map((shard) => fleet.filter((database) => isInShard(database, shard)).length)
      // A fair die stays within five standard deviations but for one time in a million.
      for (const size of sizes) expect(Math.abs(size - expected)).toBeLessThan(5 * Math.sqrt(expected))
    }
  })
})
