import * as Args from '@oclif/core/args'
import {Command} from '@oclif/core/command'

export default class HelpCommand extends Command {
  static override summary = 'Show help for a command.'
  static override args = {command: Args.string({description: 'The command.', ignoreStdin: true, multiple: true})}

  async run(): Promise<void> {
    const {args} = await this.parse(HelpCommand)
    const {default: Help} = await import('../src/help.ts')
    await new Help(this.config, this.config.pjson.oclif.helpOptions).showHelp(args.command ?? [])
  }
}
