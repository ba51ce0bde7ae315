import {StratCommand} from '../src/command.ts'
import {storeFlags, strategyName} from '../src/flags.ts'
import {amount, plural} from '../src/output/text.ts'
import type {Permission} from '../src/platform/platform.ts'
import {type ShownStrategy, showStrategy} from '../src/strategies/show.ts'
import {timeSpan} from '../src/time-span.ts'

export default class Show extends StratCommand {
  static override summary = 'Show one strategy: its migrations, positions, trades and capital.'
  static override examples = ['<%= config.bin %> show stage-condor', '<%= config.bin %> show stage-condor --json']
  static override args = strategyName
  static override flags = storeFlags

  async run(): Promise<ShownStrategy> {
    const {args, flags} = await this.parse(Show)
    const {platform, pendingOf, openDelivery} = await this.context(flags)
    const shown = await showStrategy({platform, pendingOf, delivery: await openDelivery(flags.secrets)}, {name: args.strategy})
    const width = Math.max(...linesOf(shown).map(([label]) => label.length))
    for (const [label, value] of linesOf(shown)) this.log(`${label.padEnd(width)}  ${value}`)
    for (const warning of shown.warnings) this.warn(warning)
    if (shown.migrations.pending.length > 0) this.logNext(`Next: strat migrate ${shown.name}`)
    return shown
  }
}

function linesOf({
  name,
  kind,
  stage,
  template,
  url,
  createdAt,
  migrations,
  openPositions,
  trades,
  capital,
  token,
  secrets,
  rows,
  warnings,
}: ShownStrategy): [string, string][] {
  return [
    ['Name', name],
    ['Kind', stage ? `${kind}, ${stage}` : kind],
    ['Template', template],
    ['Created', createdAt],
    ['Database', url],
    ['Migrations', `${migrations.executed.length} executed, ${migrations.pending.length} pending`],
    ...capitalLines(capital),
    ...(kind === 'archive'
      ? ([['Archive', `${counted(trades, 'trade', 'trade_logs')} in ${plural(rows['archive_batches'] ?? 0, 'batch').replace('batchs', 'batches')}`]] as [
          string,
          string,
        ][])
      : ([
          ['Positions', counted(openPositions, 'open leg', 'active_positions')],
          ['Trades', counted(trades, 'trade log', 'trade_logs')],
          ['Bot token', describeToken(name, token, secrets, warnings)],
          ['Bot may', token.permissions.map(describePermission).join('; ') || 'not be told: its template is gone'],
        ] as [string, string][])),
  ]
}

function capitalLines(capital: ShownStrategy['capital']): [string, string][] {
  if (!capital) return []
  return [
    ['Capital', `${amount(capital.allocated)} allocated, ${amount(capital.freeMargin)} free`],
    ['Daily stop', amount(capital.dailyStopLoss)],
  ]
}

function describeToken(name: string, {expiresAt, issuedAt}: ShownStrategy['token'], [place]: ShownStrategy['secrets'], warnings: string[]): string {
  if (expiresAt === null && !place && warnings.length > 0) return 'cannot be told now'
  if (expiresAt === null) return `none ${place ? `of this database in ${place.scope}` : 'here'}: strat create ${name} makes one`
  const age = issuedAt === null ? '' : `, ${timeSpan((Date.now() - Date.parse(issuedAt)) / 1000)} old`
  const day = expiresAt.slice(0, 10)
  const where = place ? `in ${place.scope}` : 'recorded, but not there'
  return new Date(expiresAt) > new Date() ? `${where} until ${day}${age}` : `${where}, expired on ${day}: strat create ${name} makes a new one`
}

const describePermission = ({tables, actions}: Permission) =>
  `${actions.map((action) => action.replace('data_', '')).join(', ')} in ${tables?.join(', ') ?? 'all tables'}`

const counted = (count: number | null, noun: string, table: string) => (count === null ? `the table ${table} is missing` : plural(count, noun))
