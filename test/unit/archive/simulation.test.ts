import {expect, test} from 'vitest'
import {emptyTally, simulate} from '../../helpers/archive-simulation.ts'
import {randomOf} from '../../helpers/random.ts'

test('random histories with kills, lost replies, two runs at once and a bot that writes meanwhile end with every trade exactly once', {
  timeout: 120_000,
}, async () => {
  const tally = emptyTally()
  const seeds = Array.from({length: 8}, (_, index) => index + 1)
  const live = async () => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      const named = (error: Error) => Promise.reject(new Error(`The history of seed ${seed}: ${error.message}`, {cause: error}))
      await simulate(randomOf(seed), tally).catch(named)
    }
  }
  await Promise.all(Array.from({length: 8}, live))
  expect(tally.histories).toBe(8)
  // Otherwise it showed nothing.
  expect([tally.archived > 50, tally.kills > 3, tally.lost > 5]).toEqual([true, true, true])
})
