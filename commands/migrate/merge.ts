import * as Args from '@oclif/core/args'
import {MigrateCommand} from '../../src/migrate-command.ts'
import {mergeReports} from '../../src/migrator/merge.ts'
import type {MigrateResult} from '../../src/migrator/result.ts'

export default class MigrateMerge extends MigrateCommand {
  static override summary = 'Merge the reports of shards into the result of the whole run.'
  static override description =
    'Each file holds what strat migrate wrote to its stdout with --shard, --run and --json, with or without --stream. Exits as one run over all would have: with 3 if some databases failed, with 130 if a shard was interrupted.'
  static override examples = ['<%= config.bin %> migrate merge shard-1.json shard-2.json', '<%= config.bin %> migrate merge shard-*.json --json']
  static override args = {
    files: Args.string({name: 'FILE', description: 'Reports, one of each shard.', required: true, ignoreStdin: true, multiple: true}),
  }

  async run(): Promise<MigrateResult> {
    const {args} = await this.parse(MigrateMerge)
    return this.report(await mergeReports(args.files))
  }
}
