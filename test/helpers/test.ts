import {test as base} from 'vitest'
import {type Result, type RunOptions, runStrat, usingFolder} from './strat.ts'

type Fixtures = {
  /** An empty folder of the test's own. */
  folder: string
  /** Runs `strat` in that folder. */
  strat: (args: string, options?: RunOptions) => Promise<Result>
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from the pattern
  folder: async ({}, use) => usingFolder(use),
  strat: async ({folder}, use) => use((args, options) => runStrat(args.split(' ').filter(Boolean), {cwd: folder, ...options})),
})
