import type {PreparedRotation} from '../tokens/prepare-rotation.ts'
import type {RotatedStrategy, RotateResult, RotationStatus} from '../tokens/result.ts'
import type {Report} from './report.ts'
import {plural, someOf} from './text.ts'

/** A rotation as a table, warnings and next steps. */
export function rotateReport(result: RotateResult): Report {
  const {strategies, unmarked, warnings, unfinishedRuns, summary} = result
  return {
    table: {headers: ['NAME', 'STATUS', 'EXPIRES', 'DETAIL'], rows: strategies.map(rowOf)},
    warnings: [
      ...warnings.map((warning) => ({warning, hints: []})),
      ...(unmarked.length > 0 ? [{warning: `${plural(unmarked.length, 'database')} not made by strat left alone: ${someOf(unmarked)}`, hints: []}] : []),
      ...summary.causes.map(({reason, count, example}) => ({
        warning: `${plural(count, 'failure')}, as in ${example}: ${reason}`,
        hints: suggestionsFor(example, strategies).map((suggestion) => `  Try: ${suggestion}`),
      })),
      ...(unfinishedRuns.length > 0
        ? [
            {
              warning: `${plural(unfinishedRuns.length, 'run')} began before and may hold an old token, which goes on working until it expires${firstEnd(strategies)}:`,
              hints: unfinishedRuns.slice(0, 10).map(({name, url}) => `  ${name}: ${url}`),
            },
          ]
        : []),
    ],
    next: nextSteps(result),
  }
}

/** Interrupted wins over failed: who ended the run knows that it is not done. */
export function rotateExitCode({interrupted, summary}: RotateResult): 0 | 3 | 130 {
  if (interrupted) return 130
  return summary.failed > 0 || summary.expiring > 0 ? 3 : 0
}

/** `3 rotated, 97 fresh`. */
export function rotationTotal({summary, strategies}: Pick<RotateResult, 'summary' | 'strategies'>): string {
  if (strategies.length === 0) return 'No strategy is ours.'
  const statuses: RotationStatus[] = ['rotated', 'fresh', 'due', 'expiring', 'skipped', 'failed']
  return statuses.flatMap((status) => (summary[status] > 0 ? [`${summary[status]} ${status}`] : [])).join(', ')
}

const rowOf = (strategy: RotatedStrategy): string[] => [strategy.name, strategy.status, strategy.expiresAt?.slice(0, 10) ?? '', detailOf(strategy)]

function detailOf(strategy: RotatedStrategy): string {
  if (strategy.status === 'fresh') return ''
  return 'code' in strategy ? strategy.code : strategy.reason
}

function suggestionsFor(name: string, strategies: RotatedStrategy[]): string[] {
  const strategy = strategies.find((each) => each.name === name)
  return strategy?.status === 'failed' ? strategy.suggestions : []
}

/** When the first of the tokens ends that were replaced. */
function firstEnd(strategies: RotatedStrategy[]): string {
  const ends = strategies.flatMap((strategy) => (strategy.status === 'rotated' && strategy.replaced !== null ? [strategy.replaced] : [])).sort()
  return ends[0] === undefined ? '' : ` (the first on ${ends[0].slice(0, 10)})`
}

/** Where the tokens are that were made. */
export function placesIn(strategies: {status: string; place?: string}[]): string[] {
  const places = strategies.flatMap(({place}) => place ?? [])
  return places.length > 0 ? [`${places.length === 1 ? 'The new token is' : 'The new tokens are'} in ${someOf(places)}.`] : []
}

function nextSteps({interrupted, strategies, summary}: RotateResult): string[] {
  const total = [...(strategies.length === 1 ? [] : [rotationTotal({strategies, summary})]), ...placesIn(strategies)]
  if (interrupted) return [...total, 'Next: the same command again, for those that were not reached: their tokens go on working.']
  if (summary.failed > 0) return [...total, 'Next: mend the causes, then the same command again.']
  if (summary.due > 0) return [...total, 'Next: the same command without --dry-run.']
  return summary.expiring > 0 ? [...total, 'Next: strat rotate --all'] : total
}

/** What a person is told before a store is written that takes one write a second: the record and the token of each, and the address where it is new. */
export function rotationTime({prepared}: PreparedRotation): string[] {
  const due = prepared.filter((each) => each.due !== undefined)
  if (due.length < 2) return []
  const seconds = due.reduce((sum, {present, botUrl}) => sum + (present.token?.url === botUrl ? 2 : 3), 0)
  const time = seconds < 90 ? plural(seconds, 'second') : plural(Math.ceil(seconds / 60), 'minute')
  return [`Rotating ${due.length} tokens takes about ${time}: GitHub takes one write a second.`]
}
