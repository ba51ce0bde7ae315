import {planFlags, strategyNames} from '../../src/flags.ts'
import {FleetCommand} from '../../src/fleet-command.ts'
import {prepareMigration} from '../../src/migrator/migrate.ts'
import type {PlanResult} from '../../src/migrator/plan-fleet.ts'

export default class MigratePlan extends FleetCommand {
  static override summary = 'Show the exact SQL that strat migrate would send.'
  static override description =
    'Databases that stand alike are shown once. The SQL is rehearsed in memory, on their schema; nothing is written. Without names: all of them. Exits with 3 if some would fail.'
  static override examples = [
    '<%= config.bin %> migrate plan',
    '<%= config.bin %> migrate plan live-condor --json',
    '<%= config.bin %> migrate plan --stage live --to 0002_add_notes',
  ]
  static override args = strategyNames
  static override flags = planFlags

  async run(): Promise<PlanResult> {
    const {args, flags} = await this.parse(MigratePlan)
    const {names = []} = args
    const options = {to: flags.to, allowDrift: flags['allow-drift'], isRehearsed: true, all: names.length === 0}
    return this.planFleet({names}, flags, (dependencies, selection) => prepareMigration(dependencies, {...selection, ...options}))
  }
}
