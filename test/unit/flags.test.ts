import {Parser} from '@oclif/core'
import {expect, test} from 'vitest'
import {selectionFlags} from '../../src/flags.ts'

const parse = async (...argv: string[]) => (await Parser.parse(argv, {flags: selectionFlags})).flags

test('a selection is by stage, kind and shard', async () => {
  expect(await parse('--all', '--stage', 'live', '--kind', 'strategy', '--shard', '2/4', '--concurrency', '8')).toEqual({
    all: true,
    stage: 'live',
    kind: 'strategy',
    shard: {index: 2, count: 4},
    concurrency: 8,
  })
})

test.each([
  ['--shard', '0/4'],
  ['--shard', '5/4'],
  ['--shard', 'a/b'],
])('%s %s is a wrong usage', async (...argv) => expect(parse(...argv)).rejects.toMatchObject({code: 'USAGE'}))

test.each([
  ['--stage', 'prod'],
  ['--kind', 'table'],
  ['--concurrency', '0'],
  ['--concurrency', '1001'],
])('%s %s is refused', async (...argv) => expect(parse(...argv)).rejects.toThrow())
