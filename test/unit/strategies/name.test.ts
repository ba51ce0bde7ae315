import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {parseStrategyName} from '../../../src/strategies/name.ts'

describe('a strategy name', () => {
  test.each([
    ['stage-condor', 'strategy', 'stage'],
    ['live-butterfly', 'strategy', 'live'],
    ['stage-a', 'strategy', 'stage'],
    ['archive', 'archive', null],
    ['trade-logs-archive', 'archive', null],
    ['live-archive', 'archive', 'live'],
    [`stage-${'x'.repeat(58)}`, 'strategy', 'stage'],
  ])('%s is a %s of stage %s', (name, kind, stage) => {
    expect(parseStrategyName(name)).toEqual({name, kind, stage})
  })

  test.each([
    ['', 'it is empty', 'Use a name like stage-condor or live-butterfly.'],
    ['Stage-Condor', 'only lower-case letters', 'stage-condor'],
    ['stage_condor', 'only lower-case letters', 'stage-condor'],
    ['../x', 'only lower-case letters', 'stage-x'],
    ['prod-condor', 'must begin with its stage', 'stage-prod-condor'],
    ['condor', 'must begin with its stage', 'stage-condor'],
    ['stage-', 'must not begin or end with a dash', 'stage-condor'],
    ['live', 'must be followed by what the strategy does', 'live-condor'],
    ['stage-condor\n', 'only lower-case letters', 'stage-condor'],
    [`stage-${'x'.repeat(59)}`, 'it has 65 characters', `stage-${'x'.repeat(52)}`],
  ])('%j is refused: %s', (name, reason, suggestion) => {
    const error = catchError(() => parseStrategyName(name))
    expect(error).toMatchObject({code: 'STRATEGY_NAME_INVALID', message: expect.stringContaining(reason)})
    expect(error.suggestions).toContain(suggestion)
  })

  test('suggests only names that are right, whatever was typed', () => {
    fc.assert(
      fc.property(fc.string({maxLength: 100}), (typed) => {
        const suggestions = invalid(typed)?.suggestions ?? []
        for (const suggestion of suggestions) {
          if (!suggestion.includes(' ')) expect(parseStrategyName(suggestion).name).toBe(suggestion)
        }
      }),
    )
  })
})

function invalid(name: string): {suggestions: string[]} | undefined {
  try {
    parseStrategyName(name)
    return undefined
  } catch (error) {
    return error as {suggestions: string[]}
  }
}

const catchError = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return error as Error & {code: string; suggestions: string[]}
  }
  throw new Error('It did not throw.')
}
