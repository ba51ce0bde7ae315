import * as Flags from '@oclif/core/flags'
import {StratCommand} from '../src/command.ts'
import {strategyName} from '../src/flags.ts'
import {plural} from '../src/output/text.ts'
import {type AdoptedStrategy, adoptStrategy} from '../src/strategies/adopt.ts'
import {parseStrategyName} from '../src/strategies/name.ts'

export default class Adopt extends StratCommand {
  static override summary = 'Take over a database that was made by hand, if its tables are those of a strategy.'
  static override description =
    'Compares its schema with what the migrations make, enters the ones it has into its ledger, and marks it. No table and no row is changed.'
  static override examples = ['<%= config.bin %> adopt live-condor']
  static override args = strategyName
  static override flags = {template: Flags.string({summary: 'The template it counts as made from. Default: the one that its name holds.'})}

  async run(): Promise<AdoptedStrategy> {
    const {args, flags} = await this.parse(Adopt)
    const strategy = parseStrategyName(args.strategy)
    const {platform, baseline, chooseTemplate} = await this.context(flags)
    const adopted = await adoptStrategy({platform, baseline}, {strategy, template: await chooseTemplate(strategy, flags.template)})
    this.log(
      adopted.status === 'existing'
        ? `${adopted.name} is a strategy of strat's already.`
        : `Adopted ${adopted.name}: it has ${plural(adopted.baseline.length, 'migration')} (${adopted.baseline.join(', ')}).`,
    )
    this.logNext(`Next: strat migrate ${adopted.name}`)
    return adopted
  }
}
