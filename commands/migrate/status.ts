import {StratCommand} from '../../src/command.ts'
import {selectionFlags, strategyNames} from '../../src/flags.ts'
import {type ClassStatus, migrationStatus, type StatusResult} from '../../src/migrator/status.ts'
import {formatDrift} from '../../src/output/drift.ts'
import {plural, someOf} from '../../src/output/text.ts'

export default class MigrateStatus extends StratCommand {
  static override summary = 'Show where strategies stand against the migrations.'
  static override description =
    'Without names: all of them; those that stand alike in one row. Exits with 3 if any stands as no run of strat leaves it, or cannot be read.'
  static override examples = [
    '<%= config.bin %> migrate status',
    '<%= config.bin %> migrate status stage-condor --json',
    '<%= config.bin %> migrate status --stage live',
  ]
  static override args = strategyNames
  static override flags = selectionFlags

  async run(): Promise<StatusResult> {
    const {args, flags} = await this.parse(MigrateStatus)
    const {names = []} = args
    const {platform, recordingsOf, newRun, pace} = await this.context(flags)
    const dependencies = {platform, recordingsOf, run: newRun(), fleet: {pace}, onProgress: this.onProgress}
    const result = await migrationStatus(dependencies, {...flags, names, all: names.length === 0})
    const unread = result.databases.flatMap((database) => ('reason' in database ? [database] : []))
    this.logTable(
      ['DATABASES', 'COUNT', 'KIND', 'EXECUTED', 'PENDING', 'STATE'],
      [...result.classes.map(toRow), ...unread.map(({name, code, reason}) => [name, '1', '-', '-', '-', `${code}: ${reason}`])],
    )
    for (const {databases, drift} of result.classes) if (drift.length > 0) this.log(formatDrift(databases, drift))
    if (result.unmarked.length > 0) this.warn(`${plural(result.unmarked.length, 'database')} not made by strat left alone: ${someOf(result.unmarked)}`)
    const sound = result.classes.filter((status) => problemsOf(status).length === 0)
    if (unread.length > 0 || sound.length < result.classes.length) process.exitCode = 3
    if (sound.some(({pending}) => pending.length > 0)) this.logNext('Next: strat migrate plan --all')
    return result
  }
}

function toRow(status: ClassStatus): string[] {
  const {databases, kind, executed, pending} = status
  return [someOf(databases), String(databases.length), kind, String(executed.length), pending.join(', ') || '-', problemsOf(status).join('; ') || 'ok']
}

function problemsOf({edited, missing, outOfOrder, drift}: ClassStatus): string[] {
  const problem = (word: string, names: string[]) => (names.length > 0 ? [`${word}: ${names.join(', ')}`] : [])
  return [
    ...problem('edited', edited),
    ...problem('missing', missing),
    ...problem('out of order', outOfOrder),
    ...problem(
      'drifted',
      drift.map(({type, name}) => `${type} ${name}`),
    ),
  ]
}
