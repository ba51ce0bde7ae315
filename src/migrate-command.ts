import {StratCommand} from './command.ts'
import type {MigrateResult} from './migrator/result.ts'
import {reportToGitHubActions} from './output/github-actions.ts'
import {migrationSummary} from './output/job-summary.ts'
import {exitCodeOf, migrateReport} from './output/migrate-report.ts'

/** What the commands share whose answer is a run over a fleet. */
export abstract class MigrateCommand extends StratCommand {
  /** Prints a run, tells GitHub Actions of it, and exits as it says. */
  protected async report(result: MigrateResult, {isUndo = false} = {}): Promise<MigrateResult> {
    this.logReport(migrateReport(result, {forPerson: process.stdout.isTTY, isUndo}))
    await reportToGitHubActions('strat migrate', () => migrationSummary(result), {env: process.env, stream: process.stderr})
    process.exitCode = exitCodeOf(result)
    return result
  }
}
