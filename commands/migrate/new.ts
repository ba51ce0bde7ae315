import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {StratCommand} from '../../src/command.ts'
import {newMigration} from '../../src/migrator/new-migration.ts'

export default class MigrateNew extends StratCommand {
  static override summary = "Write a new migration into the project's own folder."
  static override examples = ['<%= config.bin %> migrate new add_notes', '<%= config.bin %> migrate new add_index --kind archive']
  static override args = {title: Args.string({name: 'NAME', description: 'What it does, in a few words.', required: true, ignoreStdin: true})}
  static override flags = {
    kind: Flags.option({options: ['strategy', 'archive'] as const, default: 'strategy' as const, summary: 'Which databases it is for.'})(),
  }

  async run(): Promise<{name: string; kind: string; path: string}> {
    const {args, flags} = await this.parse(MigrateNew)
    const {folders} = await this.context(flags)
    const written = await newMigration({folder: folders.migrations, kind: flags.kind, title: args.title, template: folders.packaged.migrationTemplate})
    this.log(`Created ${written.path}`)
    this.logNext('Next: write its up and down, then: strat migrate status')
    return written
  }
}
