import type {KeptRows, StrategyArchived} from '../archive/fleet-result.ts'
import type {LeftReason} from '../archive/result.ts'
import type {Report} from './report.ts'
import {plural, someOf} from './text.ts'

/** What a person should know of a strategy: what never closes, and what `remains` says. */
export const warningsOf = (strategy: StrategyArchived): Report['warnings'] => [
  ...stuckOf(strategy),
  ...[...remains(strategy), ...lateOf(strategy)].map((words) => ({warning: `${strategy.name}: ${words}.`, hints: []})),
]

/** Why trades that should have gone are still there, or are neither here nor there, in words; because of these a run is no success. */
export function remains({left, odd, late, pending, stopped}: StrategyArchived): string[] {
  const byReason = Map.groupBy(left, ({reason}) => reason)
  const kept = late.filter((each) => each.kept > 0)
  return [
    ...[...byReason].map(([reason, of]) => `closed trades of ${someOf(of.map(({symbol}) => symbol))} stay for now: ${leftWords[reason]}`),
    ...(pending && !byReason.has('pending') ? [`a batch of an earlier run is not sealed yet: ${leftWords.pending}`] : []),
    ...(stopped === 'changed' ? ['the trades were changed while they were archived; run it again'] : []),
    ...(odd.rows > 0 ? [`${plural(odd.rows, 'trade')} that no archive takes as they are: ${someOf(odd.ids.map(shortened))}`] : []),
    ...kept.map(({symbol, kept: rows}) => `${plural(rows, 'trade')} of ${symbol} came after its later ones were archived, and stay: ${explaining}`),
  ]
}

/** An id may be a text of any length. */
const shortened = (id: string) => (id.length > 60 ? `${id.slice(0, 60)}…` : id)

const explaining = 'what is wrong with them strat archive explain tells'

const leftWords: Record<LeftReason, string> = {
  late: 'trades of the same time came meanwhile',
  changed: 'they were changed meanwhile',
  large: 'they close only together, and are more than one request may hold',
  slow: 'it took too long',
  pending: 'an earlier run may still be at it; run it again in some minutes',
}

function lateOf({late}: StrategyArchived): string[] {
  return late
    .filter(({rows, kept}) => rows > kept)
    .map(
      ({symbol, rows, kept, ids}) =>
        `${plural(rows - kept, 'trade')} of ${symbol} came after its later ones were archived, and went after them: ${someOf(ids)}`,
    )
}

function stuckOf({name, keptReasons, stuck}: StrategyArchived): Report['warnings'] {
  const rows = keptReasons.filter((each) => each.stuck)
  if (rows.length === 0) return []
  const symbols = [...new Set(rows.map(({symbol}) => symbol))]
  const symbol = symbols.find((each) => each !== null)
  return [
    {
      warning: `${name}: stuck, as no trade to come closes them: ${plural(stuck, 'trade')} of ${someOf(symbols.map((each) => each ?? 'no symbol'))}${oldest(rows)}.`,
      hints: symbol === undefined ? [] : [`  Try: strat archive explain ${name} ${quoted(symbol)}`],
    },
  ]
}

function oldest(rows: KeptRows[]): string {
  const [since] = rows.flatMap(({since}) => since ?? []).sort()
  return since === undefined ? '' : `, the oldest of ${since.slice(0, 10)}`
}

const quoted = (symbol: string) => (/^[\w.:-]+$/.test(symbol) ? symbol : `'${symbol.replaceAll("'", "'\\''")}'`)
