import * as Flags from '@oclif/core/flags'
import {StratCommand} from '../../src/command.ts'
import {all, strategyNames} from '../../src/flags.ts'
import {type MigratedDatabase, type MigrateResult, migrateFleet} from '../../src/migrator/migrate.ts'
import {plural} from '../../src/output/text.ts'

export default class Migrate extends StratCommand {
  static override summary = 'Apply the pending migrations of strategies.'
  static override description =
    'Each database gets all of its pending migrations or none of them, and each migration once, however many run this at the same time. Only a migration that has to read is a step of its own: what went before it stays when it fails. Exits with 3 if some databases failed.'
  static override examples = [
    '<%= config.bin %> migrate stage-condor',
    '<%= config.bin %> migrate --all',
    '<%= config.bin %> migrate --all --to 0002_add_notes --json',
  ]
  static override args = strategyNames
  static override flags = {all, to: Flags.string({summary: 'The last migration to apply.', helpValue: 'MIGRATION'})}

  async run(): Promise<MigrateResult> {
    const {args, flags} = await this.parse(Migrate)
    const {platform, recordingsOf, newRun} = await this.context(flags)
    const result = await migrateFleet(
      {platform, recordingsOf, run: newRun(), onProgress: this.onProgress},
      {names: args.names ?? [], all: flags.all, to: flags.to},
    )
    this.logTable(
      ['NAME', 'STATUS', 'DETAIL'],
      result.databases.map((database) => [database.name, database.status, detailOf(database)]),
    )
    if (result.unmarked.length > 0) this.warn(`${plural(result.unmarked.length, 'database')} not made by strat left alone: ${result.unmarked.join(', ')}`)
    for (const cause of result.summary.causes) this.#explain(cause, result.databases)
    if (result.summary.failed > 0) process.exitCode = 3
    return result
  }

  #explain({reason, count, example}: MigrateResult['summary']['causes'][number], databases: MigratedDatabase[]): void {
    this.warn(`${plural(count, 'failure')}, as in ${example}: ${reason}`)
    const failed = databases.find((database) => database.name === example)
    if (failed?.status !== 'failed') return
    if (failed.statement) this.logNext(`  Statement: ${failed.statement}`)
    for (const suggestion of failed.suggestions) this.logNext(`  Try: ${suggestion}`)
  }
}

function detailOf(database: MigratedDatabase): string {
  if (database.status === 'applied') return database.migrations.join(', ')
  return database.status === 'current' ? 'nothing to do' : database.code
}
