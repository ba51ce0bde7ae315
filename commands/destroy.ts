import * as Flags from '@oclif/core/flags'
import {StratCommand} from '../src/command.ts'
import {storeFlags, strategyName} from '../src/flags.ts'
import {plural} from '../src/output/text.ts'
import {confirmByName} from '../src/prompts.ts'
import {checkDestroyable, type DestroyedStrategy, destroyStrategy, inspectStrategy} from '../src/strategies/destroy.ts'

export default class Destroy extends StratCommand {
  static override summary = "Delete a strategy's database, for ever."
  static override description = 'Refuses while it holds trade logs or open positions. Its name has to be typed, or given with --confirm.'
  static override examples = ['<%= config.bin %> destroy stage-condor', '<%= config.bin %> destroy stage-condor --discard-trades --confirm stage-condor']
  static override args = strategyName
  static override flags = {
    ...storeFlags,
    confirm: Flags.string({summary: 'The name again, instead of typing it.', helpValue: 'NAME'}),
    'discard-trades': Flags.boolean({summary: 'Lose the trade logs for ever.'}),
    force: Flags.boolean({summary: 'Also with open positions. Skips no confirmation.'}),
  }

  async run(): Promise<DestroyedStrategy> {
    const {args, flags} = await this.parse(Destroy)
    if (flags.confirm !== undefined) await confirmByName(args.strategy, '', flags.confirm)
    const {platform, openDelivery} = await this.context(flags)
    const choice = {discardTrades: flags['discard-trades'], force: flags.force}
    const contents = await inspectStrategy({platform}, {name: args.strategy})
    checkDestroyable(contents, choice)
    await confirmByName(contents.name, `This deletes ${contents.name} with ${plural(contents.trades ?? 0, 'trade log')} and cannot be undone.`, flags.confirm)
    const destroyed = await destroyStrategy(
      {platform, deliveries: await Promise.all([openDelivery(flags.secrets), openDelivery('dotenv')])},
      {name: contents.name, ...choice},
    )
    this.log(`Destroyed ${destroyed.name}.`)
    if (destroyed.secretsRemoved.length > 0) this.log(`Removed its secrets: ${destroyed.secretsRemoved.join(', ')}.`)
    return destroyed
  }
}
