import {StratError} from '../errors.ts'
import {describeFailureBudget, type FailureBudget, isExceeded} from './failure-budget.ts'
import {type FleetRun, forEachDatabase, type Outcome} from './run.ts'
import {wavesOf} from './waves.ts'

export type WavesRun<T> = FleetRun<T> & {
  /** Which databases go together, in this order; those that match none go last. */
  patterns: string[]
  budget: FailureBudget
  /** Whether a failure is one that counts, and not an outcome that was to be expected. */
  isFailure: (error: StratError) => boolean
}

/**
 * Does the same to each database, wave after wave. A wave begins when the one before is done and no more have failed than the budget
 * allows; else its databases are left alone, with the outcome WAVE_STOPPED.
 */
export async function runWaves<D extends {name: string}, T>(databases: D[], work: (database: D) => Promise<T>, run: WavesRun<T>): Promise<Outcome<T>[]> {
  const {patterns, budget, isFailure, ...fleet} = run
  const outcomes: Outcome<T>[] = []
  let failed = 0
  let stopped: StratError | undefined
  for (const wave of wavesOf(databases, patterns)) {
    const error = stopped
    const done = await forEachDatabase(wave.databases, error ? () => Promise.reject(error) : work, fleet)
    outcomes.push(...done)
    failed += done.filter((outcome) => outcome.status === 'failed' && isFailure(outcome.error)).length
    if (!stopped && isExceeded(budget, {failed, total: outcomes.length})) stopped = waveStopped(wave.name, failed, budget)
  }
  return outcomes
}

const waveStopped = (wave: string, failed: number, budget: FailureBudget) =>
  new StratError('WAVE_STOPPED', `Not begun: ${failed} failed up to the wave ${wave}, and ${describeFailureBudget(budget)}.`, {
    suggestions: ['Mend what failed, then run the same command again.', '--max-failures allows more.'],
  })
