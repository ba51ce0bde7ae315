import * as Args from '@oclif/core/args'
import {Command} from '@oclif/core/command'

export default class AutocompleteScript extends Command {
  static override summary = 'Print the line for the profile of a shell.'
  static override hidden = true
  static override args = {shell: Args.string({options: ['bash', 'zsh', 'powershell'], ignoreStdin: true})}

  async run(): Promise<void> {
    await this.parse(AutocompleteScript)
    const {default: Plugin} = await import('../../node_modules/@oclif/plugin-autocomplete/lib/commands/autocomplete/script.js')
    await Plugin.run(this.argv, this.config)
  }
}
