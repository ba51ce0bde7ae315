import {StratCommand} from '../../src/command.ts'
import {all, strategyNames} from '../../src/flags.ts'
import type {Standing} from '../../src/migrator/plan.ts'
import {type DatabaseStatus, migrationStatus, type StatusResult} from '../../src/migrator/status.ts'

export default class MigrateStatus extends StratCommand {
  static override summary = 'Show where strategies stand against the migrations.'
  static override description = 'Without names: all of them.'
  static override examples = ['<%= config.bin %> migrate status', '<%= config.bin %> migrate status stage-condor --json']
  static override args = strategyNames
  static override flags = {all}

  async run(): Promise<StatusResult> {
    const {args, flags} = await this.parse(MigrateStatus)
    const names = args.names ?? []
    const {platform, recordingsOf} = await this.context(flags)
    const result = await migrationStatus({platform, recordingsOf}, {names, all: flags.all || names.length === 0})
    this.logTable(['NAME', 'KIND', 'EXECUTED', 'PENDING', 'STATE'], result.databases.map(toRow))
    if (result.databases.some((database) => 'reason' in database)) process.exitCode = 3
    if (result.databases.some((database) => 'pending' in database && database.pending.length > 0 && isSound(database)))
      this.logNext('Next: strat migrate --all')
    return result
  }
}

const isSound = ({edited, missing, outOfOrder}: Pick<Standing, 'edited' | 'missing' | 'outOfOrder'>) => edited.length + missing.length + outOfOrder.length === 0

function toRow(database: DatabaseStatus): string[] {
  if ('reason' in database) return [database.name, '-', '-', '-', `${database.code}: ${database.reason}`]
  const {name, kind, executed, pending, edited, missing, outOfOrder} = database
  return [name, kind, String(executed.length), pending.join(', ') || '-', stateOf({edited, missing, outOfOrder})]
}

function stateOf(problems: {edited: string[]; missing: string[]; outOfOrder: string[]}): string {
  const words = {edited: 'edited', missing: 'missing', outOfOrder: 'out of order'}
  const found = Object.entries(words).flatMap(([key, word]) => {
    const names = problems[key as keyof typeof words]
    return names.length > 0 ? [`${word}: ${names.join(', ')}`] : []
  })
  return found.join('; ') || 'ok'
}
