import * as Flags from '@oclif/core/flags'
import {StratCommand} from '../src/command.ts'
import {storeFlags, strategyName} from '../src/flags.ts'
import {plural} from '../src/output/text.ts'
import {confirmByName} from '../src/prompts.ts'
import {checkDestroyable, type DestroyedStrategy, destroyStrategy, inspectStrategy} from '../src/strategies/destroy.ts'

export default class Destroy extends StratCommand {
  static override summary = "Delete a strategy's database, for ever."
  static override description =
    'Archives all of its trade logs first, closed or not. Refuses while it holds open positions. Its name has to be typed, or given with --confirm.'
  static override examples = ['<%= config.bin %> destroy stage-condor', '<%= config.bin %> destroy stage-condor --discard-trades --confirm stage-condor']
  static override args = strategyName
  static override flags = {
    ...storeFlags,
    confirm: Flags.string({summary: 'The name again, instead of typing it.', helpValue: 'NAME'}),
    into: Flags.string({summary: 'The archive. Default: the only one there is.', helpValue: 'NAME'}),
    'discard-trades': Flags.boolean({summary: 'Lose the trade logs for ever, instead of archiving them.'}),
    force: Flags.boolean({summary: 'Also with open positions. Skips no confirmation.'}),
  }

  async run(): Promise<DestroyedStrategy> {
    const {args, flags} = await this.parse(Destroy)
    if (flags.confirm !== undefined) await confirmByName(args.strategy, '', flags.confirm)
    const {platform, openDelivery, openArchiving} = await this.context(flags)
    const choice = {discardTrades: flags['discard-trades'], force: flags.force}
    const contents = await inspectStrategy({platform}, {name: args.strategy})
    checkDestroyable(contents, choice)
    const trades = plural(contents.trades ?? 0, 'trade log')
    const fate =
      choice.discardTrades || contents.kind === 'archive' ? `deletes ${contents.name} with ${trades}` : `archives ${trades}, deletes ${contents.name}`
    await confirmByName(contents.name, `This ${fate} and cannot be undone.`, flags.confirm)
    const destroyed = await destroyStrategy(
      {
        platform,
        deliveries: await Promise.all([openDelivery(flags.secrets), openDelivery('dotenv')]),
        prepareArchiving: async (database) => (await openArchiving()).prepareEverything(database, {into: flags.into, onProgress: this.onProgress}),
      },
      {name: contents.name, ...choice},
    )
    this.log(`Destroyed ${destroyed.name}.`)
    if (destroyed.archivedRows > 0) this.log(`Archived its trades: ${destroyed.archivedRows}.`)
    if (destroyed.secretsRemoved.length > 0) this.log(`Removed its secrets: ${destroyed.secretsRemoved.join(', ')}.`)
    return destroyed
  }
}
