import {StratCommand} from './command.ts'
import type {MigrateResult} from './migrator/result.ts'
import {reportToGitHubActions} from './output/github-actions.ts'
import {exitCodeOf, migrateReport} from './output/migrate-report.ts'

/** What the commands share whose answer is a run over a fleet. */
export abstract class MigrateCommand extends StratCommand {
  /** Prints a run, tells GitHub Actions of it, and exits as it says. */
  protected async report(result: MigrateResult, {isUndo = false} = {}): Promise<MigrateResult> {
    const {table, warnings, next} = migrateReport(result, {forPerson: process.stdout.isTTY, isUndo})
    this.logTable(table.headers, table.rows)
    for (const {warning, hints} of warnings) {
      this.warn(warning)
      this.logNext(...hints)
    }
    this.logNext(...next)
    await reportToGitHubActions(result, {env: process.env, stream: process.stderr})
    process.exitCode = exitCodeOf(result)
    return result
  }
}
