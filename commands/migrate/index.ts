import {changeFlags, migrationFlags, strategyNames} from '../../src/flags.ts'
import {FleetCommand} from '../../src/fleet-command.ts'
import {prepareMigration} from '../../src/migrator/migrate.ts'
import type {PlanResult} from '../../src/migrator/plan-fleet.ts'
import type {MigrateResult} from '../../src/migrator/result.ts'

export default class Migrate extends FleetCommand {
  static override summary = 'Apply the pending migrations of strategies.'
  static override description =
    'Each database gets all of its pending migrations or none of them, and each migration once, however many run this at the same time. Only a migration that has to read is a step of its own: what went before it stays when it fails. Everything is rehearsed in memory first. Exits with 3 if some databases failed.'
  static override examples = [
    '<%= config.bin %> migrate stage-condor',
    '<%= config.bin %> migrate --all --dry-run',
    '<%= config.bin %> migrate --all --confirm live',
    '<%= config.bin %> migrate --all --to 0002_add_notes --json',
    '<%= config.bin %> migrate --stage stage --shard 1/4',
  ]
  static override args = strategyNames
  static override flags = {...changeFlags, ...migrationFlags}

  async run(): Promise<MigrateResult | PlanResult> {
    const {args, flags} = await this.parse(Migrate)
    const options = {to: flags.to, allowDrift: flags['allow-drift'], isRehearsed: true}
    return this.changeFleet({names: args.names, run: flags.run}, flags, (dependencies, selection) => prepareMigration(dependencies, {...selection, ...options}))
  }
}
