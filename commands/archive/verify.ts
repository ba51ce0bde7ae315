import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type {VerifyResult} from '../../src/archive/verify-archive.ts'
import {StratCommand} from '../../src/command.ts'
import {reportToGitHubActions} from '../../src/output/github-actions.ts'
import {verifyReport, verifySummary, verifyTotal} from '../../src/output/verify-report.ts'

export default class ArchiveVerify extends StratCommand {
  static override summary = 'Compute every hash of an archive again, and its chain from the first batch.'
  static override description =
    'Exits with 1 where anything is not as it was sealed, and says what and where. Only with a head that was kept elsewhere can it tell that the last batches were cut off.'
  static override examples = ['<%= config.bin %> archive verify', '<%= config.bin %> archive verify trade-logs-archive --head "$ARCHIVE_HEAD"']
  static override args = {archive: Args.string({name: 'NAME', description: 'The archive. Default: the only one there is.', ignoreStdin: true})}
  static override flags = {head: Flags.string({summary: 'A head of the chain that an earlier run printed.', helpValue: 'HASH'})}

  async run(): Promise<VerifyResult> {
    const {args, flags} = await this.parse(ArchiveVerify)
    const {verifyArchive} = await (await this.context(flags)).openArchiving()
    const result = await verifyArchive({name: args.archive, head: flags.head, onProgress: this.onProgress})
    const {table, next} = verifyReport(result)
    if (result.problems.length > 0) this.logTable(table.headers, table.rows)
    else this.log(verifyTotal(result))
    this.logNext(...next)
    await reportToGitHubActions('strat archive verify', () => verifySummary(result), {env: process.env, stream: process.stderr})
    if (result.problems.length > 0) process.exitCode = 1
    return result
  }
}
