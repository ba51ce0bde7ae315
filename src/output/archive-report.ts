import type {ArchivedStrategy, ArchiveResult, ArchiveStatus, KeptRows, StrategyArchived} from '../archive/fleet-result.ts'
import type {LeftReason} from '../archive/result.ts'
import type {Report} from './report.ts'
import {plural, someOf} from './text.ts'

/** A run as a table, warnings (what never closes, what was left, why some failed), and how much it was. */
export function archiveReport(result: ArchiveResult): Report {
  const {strategies, unmarked, summary} = result
  const done = strategies.filter((strategy) => 'moved' in strategy)
  return {
    table: {headers: ['NAME', 'STATUS', 'MOVED', 'KEPT', 'STUCK', 'DETAIL'], rows: strategies.map(rowOf)},
    warnings: [
      ...(unmarked.length > 0 ? [{warning: `${plural(unmarked.length, 'database')} not made by strat left alone: ${someOf(unmarked)}`, hints: []}] : []),
      ...done.flatMap((strategy) => [...stuckOf(strategy), ...leftOf(strategy), ...oddOf(strategy)]),
      ...summary.causes.map(({reason, count, example}) => ({
        warning: `${plural(count, 'failure')}, as in ${example}: ${reason}`,
        hints: suggestionsFor(example, strategies).map((suggestion) => `  Try: ${suggestion}`),
      })),
    ],
    next: [...stepsOf(done), ...rowsOf(done), ...headOf(result), ...nextSteps(result)],
  }
}

/** Interrupted wins over failed. A batch that is not sealed yet is no success: its trades are neither here nor there for now. */
export function archiveExitCode({interrupted, summary}: ArchiveResult): 0 | 3 | 130 {
  if (interrupted) return 130
  return summary.failed > 0 || summary.pending > 0 ? 3 : 0
}

/** `3 archived, 97 current: 1204 trades moved`. */
export function archiveTotal({summary, strategies}: Pick<ArchiveResult, 'summary' | 'strategies'>): string {
  if (strategies.length === 0) return 'No strategy is ours.'
  const statuses: ArchiveStatus[] = ['archived', 'copied', 'due', 'current', 'skipped', 'failed']
  const counts = statuses.flatMap((status) => (summary[status] > 0 ? [`${summary[status]} ${status}`] : []))
  return `${counts.join(', ')}: ${plural(summary.moved, 'trade')} moved`
}

function rowOf(strategy: ArchivedStrategy): string[] {
  const {name, status} = strategy
  if (!('moved' in strategy)) return [name, status, '', '', '', strategy.code]
  const {moved, kept, stuck, ready, stopped} = strategy
  const words = {copied: [`${ready} copied`], due: [`${ready} closed`], archived: [], current: []}[strategy.status]
  return [name, status, String(moved), String(kept), String(stuck), [...words, ...(stopped === 'done' ? [] : [stoppedWords[stopped]])].join(', ')]
}

const stoppedWords: Record<Exclude<StrategyArchived['stopped'], 'done'>, string> = {
  'max-rows': 'more to move: --max-rows',
  'max-seconds': 'more to move: --max-seconds',
  interrupted: 'interrupted',
  changed: 'the trades were changed meanwhile',
}

function stuckOf({name, keptReasons, stuck}: StrategyArchived): Report['warnings'] {
  const rows = keptReasons.filter((each) => each.stuck)
  if (rows.length === 0) return []
  const symbols = [...new Set(rows.map(({symbol}) => symbol ?? 'no symbol'))]
  const [symbol = ''] = symbols
  return [
    {
      warning: `${name}: stuck, as no trade to come closes them: ${plural(stuck, 'trade')} of ${someOf(symbols)}${oldest(rows)}.`,
      hints: [`  Try: strat archive explain ${name} ${quoted(symbol)}`],
    },
  ]
}

function oldest(rows: KeptRows[]): string {
  const [since] = rows.flatMap(({since}) => since ?? []).sort()
  return since === undefined ? '' : `, the oldest of ${since.slice(0, 10)}`
}

const quoted = (symbol: string) => (/^[\w.:-]+$/.test(symbol) ? symbol : `'${symbol.replaceAll("'", "'\\''")}'`)

const leftWords: Record<LeftReason, string> = {
  late: 'trades of the same time came meanwhile',
  changed: 'they were changed meanwhile',
  large: 'more of them close at once than fit one request',
  slow: 'it took too long',
  pending: 'an earlier run may still be at it; run it again in some minutes',
}

function leftOf({name, left}: StrategyArchived): Report['warnings'] {
  const byReason = Map.groupBy(left, ({reason}) => reason)
  return [...byReason].map(([reason, symbols]) => ({
    warning: `${name}: closed trades of ${someOf(symbols.map(({symbol}) => symbol))} stay for now: ${leftWords[reason]}.`,
    hints: [],
  }))
}

function oddOf({name, odd: {rows, ids}}: StrategyArchived): Report['warnings'] {
  return rows === 0 ? [] : [{warning: `${name}: ${plural(rows, 'trade')} with values that no archive takes: ${someOf(ids)}.`, hints: []}]
}

function suggestionsFor(name: string, strategies: ArchivedStrategy[]): string[] {
  const strategy = strategies.find((each) => each.name === name)
  return strategy?.status === 'failed' ? strategy.suggestions : []
}

/** What each step took, over all strategies. */
function stepsOf(done: StrategyArchived[]): string[] {
  const steps = new Map<string, {rows: number; ms: number}>()
  for (const [step, {rows, ms}] of done.flatMap((strategy) => Object.entries(strategy.steps))) {
    const sum = steps.get(step) ?? {rows: 0, ms: 0}
    steps.set(step, {rows: sum.rows + rows, ms: sum.ms + ms})
  }
  const words = [...steps].filter(([, {rows}]) => rows > 0).map(([step, {rows, ms}]) => `${step} ${rows} in ${(ms / 1000).toFixed(1)} s`)
  return words.length > 0 ? [`Trades by step: ${words.join(', ')}`] : []
}

function rowsOf(done: StrategyArchived[]): string[] {
  const sum = (of: (strategy: StrategyArchived) => number | null) => done.reduce((total, strategy) => total + (of(strategy) ?? 0), 0)
  if (done.length === 0 || done.every(({rowsRead}) => rowsRead === null)) return []
  return [`Rows by the servers' count: ${sum(({rowsRead}) => rowsRead)} read, ${sum(({rowsWritten}) => rowsWritten)} written`]
}

const headOf = ({archive, head, gone = []}: ArchiveResult) => [
  ...(gone.length > 0
    ? [
        `Sealed what was left of databases that are gone: ${plural(
          gone.reduce((sum, {rows}) => sum + rows, 0),
          'trade',
        )}`,
      ]
    : []),
  ...(head === null ? [] : [`Head of the chain in ${archive}: ${head}`]),
]

function nextSteps(result: ArchiveResult): string[] {
  const {interrupted, summary, strategies} = result
  const total = strategies.length === 1 ? [] : [archiveTotal(result)]
  if (interrupted) return [...total, 'Next: the same command again goes on where this one stopped.']
  if (summary.failed > 0) return [...total, 'Next: mend the causes, then the same command again.']
  if (summary.due > 0) return [...total, 'Next: the same command without --dry-run.']
  return summary.copied > 0 ? [...total, 'Next: the same command without --no-delete.'] : total
}
