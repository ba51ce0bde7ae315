import {describe, expect, test} from 'vitest'
import {emptyState} from '../../../src/database/inspect.ts'
import {nextTimestamps} from '../../../src/migrator/ledger.ts'
import type {Recording} from '../../../src/migrator/migration.ts'
import {planMigrations, standingOf} from '../../../src/migrator/plan.ts'

const recordings: Recording[] = ['0001_a', '0002_b', '0003_c'].map((name) => ({
  name,
  checksum: `sum of ${name}`,
  mode: 'atomic',
  statements: [],
  safeWithOpenPositions: false,
}))

const state = (...executed: string[]) => ({
  ...emptyState,
  ledger: executed,
  applied: executed.map((name) => ({name, checksum: `sum of ${name}`, runId: 'run'})),
})

const names = (planned: Recording[]) => planned.map(({name}) => name)

describe('a plan', () => {
  test('is what the ledger lacks, in order', () => {
    expect(names(planMigrations(recordings, state('0001_a')))).toEqual(['0002_b', '0003_c'])
    expect(names(planMigrations(recordings, state('0001_a', '0002_b', '0003_c')))).toEqual([])
  })

  test('ends where it is told to', () => {
    expect(names(planMigrations(recordings, emptyState, {to: '0002_b'}))).toEqual(['0001_a', '0002_b'])
  })

  test('is decided by names, not by timestamps', () => {
    expect(names(planMigrations(recordings, {...state('0001_a', '0002_b'), latestTimestamp: Date.parse('2999-01-01')}))).toEqual(['0003_c'])
  })

  test('accepts what Kysely executed, of which there is no checksum', () => {
    expect(names(planMigrations(recordings, {...state('0001_a'), applied: []}))).toEqual(['0002_b', '0003_c'])
  })

  test.each([
    ['MIGRATION_EDITED', '0001_a', {...state('0001_a'), applied: [{name: '0001_a', checksum: 'another', runId: 'run'}]}, {}],
    ['MIGRATION_MISSING', '0000_gone', state('0000_gone'), {}],
    ['MIGRATION_OUT_OF_ORDER', '0002_b', state('0001_a', '0003_c'), {}],
    ['MIGRATION_UNKNOWN', '0009_x', emptyState, {to: '0009_x'}],
  ])('%s names %s', (code, name, found, options) => {
    expect(() => planMigrations(recordings, found, options)).toThrow(expect.objectContaining({code, message: expect.stringContaining(name)}))
  })
})

test('a standing tells all at once', () => {
  const found = {...state('0000_gone', '0001_a', '0003_c'), applied: [{name: '0001_a', checksum: 'another', runId: 'run'}]}
  expect(standingOf(recordings, found)).toEqual({
    executed: ['0000_gone', '0001_a', '0003_c'],
    pending: ['0002_b'],
    edited: ['0001_a'],
    missing: ['0000_gone'],
    outOfOrder: ['0002_b'],
  })
})

describe('the timestamps of the ledger', () => {
  test('rise strictly, above all that are there, even from the future', () => {
    const found = {...emptyState, latestTimestamp: Date.parse('2999-01-01T00:00:00.000Z')}
    expect(nextTimestamps(found, 2)).toEqual(['2999-01-01T00:00:00.001Z', '2999-01-01T00:00:00.002Z'])
  })

  test('are of now where nothing is there', () => {
    const [first = ''] = nextTimestamps(emptyState, 1)
    expect(Math.abs(Date.parse(first) - Date.now())).toBeLessThan(5000)
  })
})
