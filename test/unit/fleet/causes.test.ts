import {expect, test} from 'vitest'
import {causesOf} from '../../../src/fleet/causes.ts'

test('failures with one reason are one cause, the most frequent first', () => {
  const rare = {name: 'live-a', reason: 'The disk is full.'}
  const frequent = ['live-b', 'live-c'].map((name) => ({name, reason: 'no such table: trades'}))
  expect(causesOf([rare, ...frequent])).toEqual([
    {reason: 'no such table: trades', count: 2, example: 'live-b'},
    {reason: 'The disk is full.', count: 1, example: 'live-a'},
  ])
})

test('a reason that holds the name of its own database is one cause, told as the example has it', () => {
  const reasonOf = (name: string) => `The host of ${name}, ${name}-org.turso.io, cannot be reached.`
  const names = ['live-a', 'live-ab', 'stage-condor']
  expect(causesOf(names.map((name) => ({name, reason: reasonOf(name)})))).toEqual([{reason: reasonOf('live-a'), count: 3, example: 'live-a'}])
})

test('a reason that holds the name of another database is another cause', () => {
  const reason = 'live-a has a column that is not known.'
  expect(causesOf(['live-a', 'live-b'].map((name) => ({name, reason})))).toHaveLength(2)
})

test('no failures have no causes', () => expect(causesOf([])).toEqual([]))
