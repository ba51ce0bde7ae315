import {flush} from '@oclif/core/flush'
import type {Logger} from '@oclif/core/interfaces'
import {run} from '@oclif/core/run'
import {reportError} from './output/error.ts'
import {packageRoot} from './package-files.ts'

// oclif finds them here (package.json).
export {commandNotFound} from './command-not-found.ts'
export {commands} from './commands.ts'

/** Stands in for oclif's own logger, which takes 3 ms of each start and says nothing unless DEBUG is set. */
const silence: Logger = {namespace: 'strat', child: () => silence, debug() {}, error() {}, info() {}, trace() {}, warn() {}}

/** Runs the command line and returns the exit code. */
export async function main(argv: string[]): Promise<number> {
  // From a user's code that does not wait for its promises: nothing of ours leaves one alone.
  process.on('unhandledRejection', (error) => process.exit(reportError(error, {json: argv.includes('--json'), bin: 'strat'})))
  try {
    await run(argv, {root: packageRoot(), ...(process.env['DEBUG'] ? {} : {logger: silence})})
  } catch (error) {
    // What a command throws it reports itself; here is what happens before there is one.
    process.exitCode = reportError(error, {json: argv.includes('--json'), bin: 'strat'})
  }
  await flush()
  return Number(process.exitCode ?? 0)
}
