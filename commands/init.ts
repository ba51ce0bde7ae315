import * as Flags from '@oclif/core/flags'
import {StratCommand} from '../src/command.ts'
import {packageRoot} from '../src/package-files.ts'
import {type InitResult, initProject} from '../src/project/init.ts'

export default class Init extends StratCommand {
  static override summary = 'Write strat.config.ts, with --eject the migrations and templates to make them your own, with --bot a bot to start from.'
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init --eject',
    '<%= config.bin %> init --bot',
    '<%= config.bin %> init --eject --workflows',
  ]
  static override flags = {
    eject: Flags.boolean({summary: 'Also write the packaged migrations and templates.'}),
    bot: Flags.boolean({summary: 'Also write strat_store.py, with which a Python bot keeps its state, an example bot, and the GitHub workflow that runs it.'}),
    workflows: Flags.boolean({
      summary:
        'Also write the GitHub workflows that run a bot, that migrate the fleet when a migration comes to main, that replace and check its tokens, and that archive its trades.',
    }),
    force: Flags.boolean({summary: 'Replace files that are there.'}),
  }

  async run(): Promise<InitResult> {
    const {flags} = await this.parse(Init)
    const {eject, bot, workflows, force} = flags
    const result = await initProject({project: process.cwd(), source: packageRoot(), eject, bot, workflows, force})
    for (const {path, status} of result.files) this.log(`${path} (${status})`)
    for (const warning of result.warnings) this.warn(warning)
    this.logNext(eject ? 'Next: strat migrate new add_notes' : 'Next: strat create stage-condor')
    return result
  }
}
