import * as Args from '@oclif/core/args'
import {Command} from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'

export default class Autocomplete extends Command {
  static override summary = 'Set up the completion of commands and flags in bash, zsh or PowerShell.'
  static override examples = ['<%= config.bin %> autocomplete bash']
  static override args = {shell: Args.string({options: ['bash', 'zsh', 'powershell'], description: 'The shell. Default: yours.', ignoreStdin: true})}
  static override flags = {'refresh-cache': Flags.boolean({char: 'r', summary: 'Only write the list of commands again.'})}

  async run(): Promise<void> {
    await this.parse(Autocomplete)
    // By its path, because oclif's plugin exports only a list of names; as a plugin proper it would cost each start 5 to 20 ms.
    const {default: Plugin} = await import('../../node_modules/@oclif/plugin-autocomplete/lib/commands/autocomplete/index.js')
    await Plugin.run(this.argv, this.config)
  }
}
