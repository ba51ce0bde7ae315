import * as Flags from '@oclif/core/flags'
import {StratCommand} from '../src/command.ts'
import {StratError} from '../src/errors.ts'
import {bytes, count} from '../src/output/units.ts'
import {type MeasureName, measureNames, measuresAbove, readUsage, type UsageReport} from '../src/strategies/usage.ts'

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
    if (limit !== undefined) failAbove(report, limit)
    return report
  }

  #print(report: UsageReport): void {
    this.logNext(`Plan ${report.plan}, ${report.month} (UTC)`)
    // A program gets numbers, a person what they mean.
    const isForPerson = process.stdout.isTTY
    const show = (name: MeasureName, value: number | null) => (value === null ? '-' : isForPerson ? formats[name](value) : String(value))
    const percent = (value: number | null) => (value === null ? '-' : value.toFixed(1))
    const row = (name: MeasureName) => {
      const {used, quota, percent: now, projected, projectedPercent} = report[name]
      return [labels[name], show(name, used), show(name, quota), percent(now), show(name, projected), percent(projectedPercent)]
    }
    this.logTable(['', 'USED', 'QUOTA', '%', "MONTH'S END", '%'], measureNames.map(row), {numbers: true})
    if (report.strategies.length === 0) return
    this.log()
    this.logTable(
      ['DATABASE', 'ROWS READ', 'ROWS WRITTEN', 'STORAGE'],
      report.strategies.map(({name, rowsRead, rowsWritten, storageBytes}) => [
        name,
        show('rowsRead', rowsRead),
        show('rowsWritten', rowsWritten),
        show('storageBytes', storageBytes),
      ]),
      {numbers: true},
    )
  }
}

const labels: Record<MeasureName, string> = {databases: 'databases', storageBytes: 'storage', rowsRead: 'rows read', rowsWritten: 'rows written'}

const formats: Record<MeasureName, (value: number) => string> = {databases: String, storageBytes: bytes, rowsRead: count, rowsWritten: count}

function failAbove(report: UsageReport, limit: number): void {
  const above = measuresAbove(report, limit)
  if (above.length === 0) return
  const reasons = above.map(({name, when}) => {
    const percent = when === 'today' ? report[name].percent : report[name].projectedPercent
    return `${labels[name]} ${percent}% ${when}`
  })
  throw new StratError('USAGE_ABOVE_LIMIT', `Above ${limit}% of the plan ${report.plan}: ${reasons.join(', ')}.`, {
    suggestions: ['strat usage shows who uses most.', 'Destroy what is not needed any more, or take a larger plan.'],
  })
}

function toPercent(text: string): number {
  const percent = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text)?.[1]
  if (percent !== undefined) return Number(percent)
  throw new StratError('USAGE', `--fail-above takes a percentage from 0% to 999%, not "${text}".`, {suggestions: ['--fail-above 80%']})
}
