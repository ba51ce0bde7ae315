import type {ArchivedStrategy, ArchiveResult, ArchiveStatus, StrategyArchived} from '../archive/fleet-result.ts'
import {warningsOf} from './archive-warnings.ts'
import type {Report} from './report.ts'
import {plural, someOf} from './text.ts'

/** A run as a table, warnings (what never closes, what was left, why some failed), and how much it was. */
export function archiveReport(result: ArchiveResult): Report {
  const {strategies, unmarked, summary} = result
  const done = strategies.filter((strategy) => 'kept' in strategy)
  return {
    table: {headers: ['NAME', 'STATUS', 'MOVED', 'KEPT', 'STUCK', 'DETAIL'], rows: strategies.map(rowOf)},
    warnings: [
      ...(unmarked.length > 0 ? [{warning: `${plural(unmarked.length, 'database')} not made by strat left alone: ${someOf(unmarked)}`, hints: []}] : []),
      ...done.flatMap(warningsOf),
      ...(result.summary.gotNowhere ? tooNarrow(result) : []),
      ...summary.causes.map(({reason, count, example}) => ({
        warning: `${plural(count, 'failure')}, as in ${example}: ${reason}`,
        hints: suggestionsFor({name: example, reason}, result).map((suggestion) => `  Try: ${suggestion}`),
      })),
    ],
    next: [...stepsOf(done), ...rowsOf(done), ...headOf(result), ...nextSteps(result)],
  }
}

/** Interrupted wins over failed. Where something remains that should have gone, or a limit lets nothing go, a run is no success; what is stuck waits for a person. */
export function archiveExitCode({interrupted, summary, goneFailed = []}: ArchiveResult): 0 | 3 | 130 {
  if (interrupted) return 130
  if (goneFailed.length > 0) return 3
  return summary.failed > 0 || summary.remaining > 0 || summary.gotNowhere ? 3 : 0
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
  if (!('kept' in strategy)) return [name, status, strategy.moved > 0 ? String(strategy.moved) : '', '', '', strategy.code]
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

/** Where no trade went because a limit lets none: what would. */
function tooNarrow({strategies}: ArchiveResult): Report['warnings'] {
  const tooMany = strategies.flatMap((strategy) => ('kept' in strategy && strategy.tooMany) || [])
  const rows = Math.min(...tooMany)
  const warning = tooMany.length > 0 ? `--max-rows lets nothing be moved: at least ${rows} trades go together.` : 'The time was over before anything was moved.'
  return [{warning, hints: [tooMany.length > 0 ? `  Try: --max-rows ${rows}` : '  Try: more with --max-seconds']}]
}

function suggestionsFor({name, reason}: {name: string; reason: string}, {strategies, goneFailed = []}: ArchiveResult): string[] {
  const failed = [...strategies.filter((strategy) => strategy.status === 'failed'), ...goneFailed]
  return failed.find((each) => each.name === name && each.reason === reason)?.suggestions ?? []
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
  const {interrupted, summary, strategies, goneFailed = []} = result
  const total = strategies.length === 1 ? [] : [archiveTotal(result)]
  if (interrupted) return [...total, 'Next: the same command again goes on where this one stopped.']
  if (summary.failed + goneFailed.length > 0) return [...total, 'Next: mend the causes, then the same command again.']
  if (summary.due > 0) return [...total, 'Next: the same command without --dry-run.']
  return summary.copied > 0 ? [...total, 'Next: the same command without --no-delete.'] : total
}
