import * as Flags from '@oclif/core/flags'
import {StratCommand} from '../src/command.ts'
import {StratError} from '../src/errors.ts'
import {usageTables} from '../src/output/usage-tables.ts'
import {checkBelow, readUsage, type UsageReport} from '../src/strategies/usage.ts'

export default class Usage extends StratCommand {
  static override summary = "What the month has cost of the plan, where that leads by the month's end, and who uses most."
  static override description =
    'Months are UTC. Rows are projected as if they went on as they did since the month began; databases and storage stay what they are today.'
  static override examples = ['<%= config.bin %> usage', '<%= config.bin %> usage --fail-above 80% (for a daily job)', '<%= config.bin %> usage --json']
  static override flags = {
    'fail-above': Flags.string({summary: "Exit with 1 if anything is above this part of its quota, today or by the month's end.", helpValue: 'PERCENT'}),
  }

  async run(): Promise<UsageReport> {
    const {flags} = await this.parse(Usage)
    const limit = flags['fail-above'] === undefined ? undefined : toPercent(flags['fail-above'])
    const {platform} = await this.context(flags)
    const report = await readUsage({platform, now: new Date()})
    this.#print(report)
    if (limit !== undefined && !hasQuota(report)) this.warn('The platform tells no limits of its plan, so nothing was compared with --fail-above.')
    if (limit !== undefined) checkBelow(report, limit)
    return report
  }

  #print(report: UsageReport): void {
    this.logNext(`Plan ${report.plan}, ${report.month} (UTC)`)
    const {plan, databases} = usageTables(report, {forPerson: process.stdout.isTTY})
    this.logTable(plan.headers, plan.rows, {numbers: true})
    if (databases.rows.length === 0) return
    this.log()
    this.logTable(databases.headers, databases.rows, {numbers: true})
  }
}

const hasQuota = ({databases, storageBytes, rowsRead, rowsWritten}: UsageReport) =>
  [databases, storageBytes, rowsRead, rowsWritten].some(({quota}) => quota !== null)

function toPercent(text: string): number {
  const percent = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text)?.[1]
  if (percent !== undefined) return Number(percent)
  throw new StratError('USAGE', `--fail-above takes a percentage from 0% to 999%, not "${text}".`, {suggestions: ['--fail-above 80%']})
}
