import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type {SymbolExplanation} from '../../src/archive/explain-strategy.ts'
import {StratCommand} from '../../src/command.ts'
import {strategyName} from '../../src/flags.ts'
import {explanationLines, explanationTable} from '../../src/output/explanation.ts'

export default class ArchiveExplain extends StratCommand {
  static override summary = 'Tell which trades of a symbol are closed, and why the others stay.'
  static override description =
    'NET is what was bought less what was sold up to a trade, OPEN what of the entries is not exited. All is closed up to the last trade that is marked in CLOSED.'
  static override examples = ['<%= config.bin %> archive explain stage-condor NIFTY', '<%= config.bin %> archive explain stage-condor NIFTY --lenient --json']
  static override args = {
    ...strategyName,
    symbol: Args.string({name: 'SYMBOL', description: 'The symbol as the trades have it.', required: true, ignoreStdin: true}),
  }
  static override flags = {lenient: Flags.boolean({summary: 'As strat archive --lenient sees it.'})}

  async run(): Promise<SymbolExplanation> {
    const {args, flags} = await this.parse(ArchiveExplain)
    const {dependencies, explainStrategy} = await (await this.context(flags)).openArchiving()
    const explanation = await explainStrategy(dependencies, {name: args.strategy, symbol: args.symbol, lenient: flags.lenient})
    const {headers, rows} = explanationTable(explanation)
    this.logTable(headers, rows)
    this.logNext(...explanationLines(explanation))
    return explanation
  }
}
