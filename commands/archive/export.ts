import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type {ExportManifest} from '../../src/archive/export-archive.ts'
import {StratCommand} from '../../src/command.ts'
import {interruptible} from '../../src/interrupt.ts'
import {plural} from '../../src/output/text.ts'

const formats = ['csv', 'parquet', 'jsonl'] as const

export default class ArchiveExport extends StratCommand {
  static override summary = 'Write the trades of a financial year, or of some days, into files.'
  static override description =
    'One row a fill, values exactly as they were stored, and a manifest with a SHA-256 of each file, the number of trades, the sum of their P&L and the head of the chain. A trade belongs to the day of its exit. The archive is verified on the way.'
  static override examples = [
    '<%= config.bin %> archive export --fy 2025-26',
    '<%= config.bin %> archive export --from 2026-01-01 --to 2026-03-31 --format parquet --out quarter',
  ]
  static override args = {archive: Args.string({name: 'NAME', description: 'The archive. Default: the only one there is.', ignoreStdin: true})}
  static override flags = {
    fy: Flags.string({summary: 'The financial year: 2025-26.', helpValue: 'YEAR', exclusive: ['from', 'to']}),
    from: Flags.string({summary: 'The first day.', helpValue: 'DATE', dependsOn: ['to']}),
    to: Flags.string({summary: 'The last day.', helpValue: 'DATE', dependsOn: ['from']}),
    format: Flags.option({summary: 'What the file of the trades is.', options: formats, default: 'csv' as const})(),
    out: Flags.string({summary: 'The folder to be made. Default: trades- and the days.', helpValue: 'FOLDER'}),
  }

  async run(): Promise<ExportManifest & {out: string}> {
    const {args, flags} = await this.parse(ArchiveExport)
    const {fy, from, to, format, out} = flags
    const {exportArchive} = await (await this.context(flags)).openArchiving()
    const manifest = await interruptible(
      () => this.warn('Interrupted: nothing will be written.'),
      (signal) => exportArchive({name: args.archive, days: {fy, from, to}, format, out, onProgress: this.onProgress, signal}),
    )
    const {files, range, unsealed} = manifest
    this.logTable(
      ['FILE', 'TRADES', 'SUM OF PNL', 'SHA-256'],
      files.map(({name, rows, sumOfPnl, sha256}) => [name, String(rows), sumOfPnl, sha256]),
    )
    for (const {name, formulaLikeCells} of files) {
      if (format === 'csv' && formulaLikeCells > 0) this.warn(`${name} has ${plural(formulaLikeCells, 'cell')} that a spreadsheet would take for a formula.`)
    }
    if (unsealed.trades > 0) {
      this.warn(`${plural(unsealed.trades, 'trade')} in ${manifest.archive} that no run has finished moving are left out: run strat archive first.`)
    }
    const {trades, ids} = manifest.duplicates
    const more = trades > ids.length ? ', …' : ''
    if (trades > 0) this.warn(`${plural(trades, 'trade')} counted more than once, as more than one database had the same: ${ids.join(', ')}${more}`)
    if (files.every(({rows}) => rows === 0)) this.warn(`There are no trades of ${range.from} to ${range.to} in ${manifest.archive}.`)
    this.logNext(
      `In ${manifest.out}, ${range.from} to ${range.to}, with manifest.json`,
      'What is not archived yet is not in it: strat archive --all --dry-run tells what still could be, --lenient what else.',
    )
    return manifest
  }
}
