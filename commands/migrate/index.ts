import * as Flags from '@oclif/core/flags'
import {FleetCommand} from '../../src/fleet-command.ts'
import {changeFlags, strategyNames} from '../../src/flags.ts'
import {type MigrateResult} from '../../src/migrator/result.ts'
import {migrateFleet} from '../../src/migrator/migrate.ts'

export default class Migrate extends FleetCommand {
  static override summary = 'Apply the pending migrations of strategies.'
  static override description =
    'Each database gets all of its pending migrations or none of them, and each migration once, however many run this at the same time. Only a migration that has to read is a step of its own: what went before it stays when it fails. Exits with 3 if some databases failed.'
  static override examples = [
    '<%= config.bin %> migrate stage-condor',
    '<%= config.bin %> migrate --all --dry-run',
    '<%= config.bin %> migrate --all --confirm live',
    '<%= config.bin %> migrate --all --to 0002_add_notes --json',
    '<%= config.bin %> migrate --stage stage --shard 1/4',
  ]
  static override args = strategyNames
  static override flags = {
    ...changeFlags,
    to: Flags.string({summary: 'The last migration to apply.', helpValue: 'MIGRATION'}),
    run: Flags.string({summary: 'The id of the run, for jobs that share one. Default: a new one.', helpValue: 'ID'}),
  }

  async run(): Promise<MigrateResult> {
    const {args, flags} = await this.parse(Migrate)
    return this.changeFleet({names: args.names, run: flags.run}, flags, (dependencies, input) => migrateFleet(dependencies, {...input, to: flags.to}))
  }
}
