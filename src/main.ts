import {flush} from '@oclif/core/flush'
import type {Logger} from '@oclif/core/interfaces'
import {run} from '@oclif/core/run'
import {StratError} from './errors.ts'
import {reportError} from './output/error.ts'
import {packageRoot} from './package-files.ts'

// oclif finds them here (package.json).
export {commandNotFound} from './command-not-found.ts'
export {commands} from './commands.ts'

/** Stands in for oclif's own logger, which takes 3 ms of each start and tells nothing that helps who uses strat. */
const silence: Logger = {namespace: 'strat', child: () => silence, debug() {}, error() {}, info() {}, trace() {}, warn() {}}

/** Runs the command line and returns the exit code. */
export async function main(argv: string[]): Promise<number> {
  const report = (error: unknown) => reportError(error, {json: argv.includes('--json'), bin: 'strat'})
  guardAgainstUserCode(report)
  try {
    await run(argv, {root: packageRoot(), logger: silence})
  } catch (error) {
    // What a command throws it reports itself; here is what happens before there is one.
    process.exitCode = report(error)
  }
  await flush()
  process.removeAllListeners('exit')
  return Number(process.exitCode ?? 0)
}

/** A user's configuration or migration may leave promises and timers alone, or end the process: nothing of ours does. */
function guardAgainstUserCode(report: (error: unknown) => number): void {
  const end = (error: unknown) => {
    process.removeAllListeners('exit')
    process.exit(report(error))
  }
  process.on('unhandledRejection', end)
  process.on('uncaughtException', end)
  process.on('exit', () => {
    process.exitCode = report(
      new StratError('UNEXPECTED', 'A file of yours ended the process, so nothing more was done.', {suggestions: ['Take process.exit() out of it.']}),
    )
  })
}
