import * as Flags from '@oclif/core/flags'
import {StratCommand} from '../src/command.ts'
import {plural} from '../src/output/text.ts'
import {type ListResult, listStrategies} from '../src/strategies/list.ts'

type Listed = Pick<ListResult, 'strategies'> & {databases?: {name: string; url: string}[]; warnings: string[]}

export default class List extends StratCommand {
  static override summary = 'List the fleet.'
  static override examples = ['<%= config.bin %> list', '<%= config.bin %> list --json', '<%= config.bin %> list --all-databases']
  static override flags = {'all-databases': Flags.boolean({summary: 'Also the databases that strat did not make.'})}

  async run(): Promise<Listed> {
    const {flags} = await this.parse(List)
    const {platform, pace} = await this.context(flags)
    const {strategies, unmarked, unreadable} = await listStrategies({platform, pace})
    const others = flags['all-databases'] ? unmarked : []
    this.#print(platform.location, strategies, others)
    if (unreadable.length > 0) process.exitCode = 3
    const warnings = unreadable.map(({name, reason}) => `${name}: ${reason}`)
    if (unmarked.length > others.length) warnings.push(`${plural(unmarked.length, 'database')} not made by strat: strat list --all-databases`)
    for (const warning of warnings) this.warn(warning)
    return {strategies, ...(flags['all-databases'] && {databases: others}), warnings}
  }

  #print(location: string, strategies: ListResult['strategies'], others: ListResult['unmarked']): void {
    if (strategies.length + others.length === 0) {
      this.logNext(`There are no strategies in ${location} yet.`, 'Next: strat create stage-condor')
      return
    }
    this.logTable(
      ['NAME', 'KIND', 'STAGE', 'TEMPLATE', 'CREATED'],
      [
        ...strategies.map(({name, kind, stage, template, createdAt}) => [name, kind, stage ?? '-', template, createdAt]),
        ...others.map(({name}) => [name, 'not ours', '-', '-', '-']),
      ],
    )
  }
}
