import {describe, expect, test} from 'vitest'
import {parseRunId} from '../../../src/migrator/run-id.ts'

describe('the id of a run', () => {
  test.each(['01KB8Q4ZP1', '8721-1', 'nightly_2026.11', 'a', 'x'.repeat(64), 'Adopted'])('may be %s', (text) => {
    expect(parseRunId(text)).toBe(text)
  })

  test.each(['', 'x'.repeat(65), 'a b', 'a/b', 'é', 'a\n', "'", '$(id)'])('may not be %j', (text) => {
    expect(() => parseRunId(text)).toThrowError(expect.objectContaining({code: 'USAGE', message: expect.stringContaining('1 to 64 letters')}))
  })

  test('may not be taken for what strat adopt entered', () => {
    expect(() => parseRunId('adopt-01KB8Q4ZP1')).toThrowError(expect.objectContaining({code: 'USAGE', message: expect.stringContaining('executed nothing')}))
  })
})
