import {expect, test} from 'vitest'
import {forkedAt, newForkName} from '../../../src/fleet/fork-name.ts'
import {isDatabaseName} from '../../../src/platform/database-name.ts'

test('the name of a copy is one that Turso takes, is used once, and says when it was made', () => {
  const before = Date.now()
  const names = Array.from({length: 1000}, newForkName)
  expect(new Set(names).size).toBe(1000)
  for (const name of names) {
    expect(isDatabaseName(name)).toBe(true)
    expect(forkedAt(name)?.getTime()).toBeGreaterThanOrEqual(before)
    expect(forkedAt(name)?.getTime()).toBeLessThanOrEqual(Date.now())
  }
})

test.each([
  'strat-rehearsal-',
  'strat-rehearsal-notes',
  'strat-rehearsal-01jd9z3k5m8n2p4q6r7s9tvwx',
  'strat-rehearsal-01jd9z3k5m8n2p4q6r7s9tvwxyz',
  'strat-rehearsal-81jd9z3k5m8n2p4q6r7s9tvwxy',
  'strat-rehearsal-01jd9z3k5m8n2p4q6r7s9tvwxu',
  'my-strat-rehearsal-01jd9z3k5m8n2p4q6r7s9tvwxy',
  'live-condor',
])('%s is no such name', (name) => {
  expect(forkedAt(name)).toBeUndefined()
})
