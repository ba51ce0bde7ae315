import {changeFlags, runFlag, strategyNames} from '../../src/flags.ts'
import {FleetCommand} from '../../src/fleet-command.ts'
import type {PlanResult} from '../../src/migrator/plan-fleet.ts'
import type {MigrateResult} from '../../src/migrator/result.ts'
import {prepareUndo} from '../../src/migrator/undo.ts'

export default class MigrateUndo extends FleetCommand {
  static override summary = 'Take back what one run of strat migrate applied, where it applied it.'
  static override description =
    'Runs the down of each migration of that run, the last one first, each database in one transaction. A database in which another run came after it is left alone. Without names: all of them. Exits with 3 if some databases failed.'
  static override examples = ['<%= config.bin %> migrate undo --run 01KB8Q4ZP1 --dry-run', '<%= config.bin %> migrate undo --run 01KB8Q4ZP1 --confirm live']
  static override args = strategyNames
  static override flags = {...changeFlags, run: runFlag({summary: 'The id of the run, as strat migrate told it.', required: true})}

  async run(): Promise<MigrateResult | PlanResult> {
    const {args, flags} = await this.parse(MigrateUndo)
    const {names = []} = args
    const options = {allowDrift: flags['allow-drift'], all: names.length === 0}
    return this.changeFleet({names, run: flags.run, isUndo: true}, flags, (dependencies, selection) => prepareUndo(dependencies, {...selection, ...options}))
  }
}
