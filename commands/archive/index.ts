import * as Flags from '@oclif/core/flags'
import type {ArchiveResult} from '../../src/archive/fleet-result.ts'
import {StratCommand} from '../../src/command.ts'
import {strategyFlags, strategyNames} from '../../src/flags.ts'
import {interruptible} from '../../src/interrupt.ts'
import {archiveExitCode, archiveReport} from '../../src/output/archive-report.ts'
import {reportToGitHubActions} from '../../src/output/github-actions.ts'
import {archiveSummary} from '../../src/output/job-summary.ts'

export default class Archive extends StratCommand {
  static override summary = 'Move closed trades into the archive.'
  static override description =
    'Closed are the trades of a symbol up to a point where nothing of it is open, before the current trading day and at least a day old. They are copied, read back, deleted from the strategy and sealed; killed anywhere, the same command goes on. The archive is made on first use. Exits with 3 if some failed, or if closed trades had to stay.'
  static override examples = [
    '<%= config.bin %> archive --all',
    '<%= config.bin %> archive stage-condor --dry-run',
    '<%= config.bin %> archive --all --max-seconds 600',
    '<%= config.bin %> archive live-condor --into live-archive',
  ]
  static override args = strategyNames
  static override flags = {
    ...strategyFlags,
    into: Flags.string({summary: 'The archive; it is made where there is none of that name. Default: the only one there is.', helpValue: 'NAME'}),
    head: Flags.string({summary: 'A head of the chain that was kept elsewhere: without it in the archive nothing is moved.', helpValue: 'HASH'}),
    lenient: Flags.boolean({summary: 'Also what was closed in a symbol before a position that is open in it.'}),
    'max-rows': Flags.integer({summary: 'Move no more trades than this.', min: 1}),
    'max-seconds': Flags.integer({summary: 'Begin nothing more after this time.', min: 1}),
    'no-delete': Flags.boolean({summary: 'Copy and verify only; the next run deletes and seals.', exclusive: ['dry-run']}),
    'dry-run': Flags.boolean({summary: 'Say what is closed, and write nothing.'}),
  }

  async run(): Promise<ArchiveResult> {
    const {args, flags} = await this.parse(Archive)
    const context = await this.context(flags)
    const {dependencies, archiveFleet} = await context.openArchiving()
    const {'max-rows': maxRows, 'max-seconds': maxSeconds, 'no-delete': noDelete, 'dry-run': dryRun} = flags
    const result = await interruptible(
      () => this.warn('Interrupted: finishing the batches that have begun. Once more ends it at once.'),
      (signal) =>
        archiveFleet({...dependencies, signal, onProgress: this.onProgress}, {...flags, names: args.names ?? [], maxRows, maxSeconds, noDelete, dryRun}),
    )
    this.logReport(archiveReport(result))
    await reportToGitHubActions('strat archive', () => archiveSummary(result), {env: process.env, stream: process.stderr})
    process.exitCode = archiveExitCode(result)
    return result
  }
}
