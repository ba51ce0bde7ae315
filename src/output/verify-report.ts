import {placeOf} from '../archive/problems.ts'
import type {VerifyResult} from '../archive/verify-archive.ts'
import type {FleetSummary} from './job-summary.ts'
import type {Report} from './report.ts'
import {plural} from './text.ts'

/** What was found in an archive: a row for each problem. */
export function verifyReport(result: VerifyResult): Report {
  const {problems, unsealed} = result
  return {
    table: {
      headers: ['PROBLEM', 'BATCH', 'SOURCE', 'ID', 'DETAIL'],
      rows: problems.map(({kind, batch = '', source = '', id = '', detail}) => [kind, batch, source, id, detail]),
    },
    warnings: [],
    next: [
      ...(problems.length > 0 ? [verifyTotal(result)] : []),
      ...(unsealed.length > 0
        ? [`${unsealed.length} ${unsealed.length === 1 ? 'batch' : 'batches'} not sealed yet: strat archive ends what a run has begun.`]
        : []),
      ...anchorOf(result),
    ],
  }
}

/** The head, and where the one is that was given. */
function anchorOf({archive, head, anchor, batches}: VerifyResult): string[] {
  if (batches === 0) return []
  const words = {
    head: 'It is the head that was given.',
    ancestor: 'The head that was given is before it: batches were added since.',
    missing: 'The head that was given is not in the chain.',
    none: 'No head was given (--head), so nobody can tell whether the last batches were cut off.',
  }
  return [...(head === null ? [] : [`Head of the chain in ${archive}: ${head}`]), words[anchor ?? 'none']]
}

/** `archive is as it was sealed: 12 batches, 4800 trades`. */
export function verifyTotal({archive, batches, rows, counts}: VerifyResult): string {
  const problems = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`)
  const size = `${batches} ${batches === 1 ? 'batch' : 'batches'}, ${plural(rows, 'trade')}`
  return problems.length > 0 ? `${archive} is not as it was sealed: ${problems.join(', ')}, in ${size}` : `${archive} is as it was sealed: ${size}`
}

/** A verification for the page of its job, with the head of the chain. */
export function verifySummary(result: VerifyResult): FleetSummary {
  const {archive, problems, counts} = result
  return {
    title: 'strat archive verify',
    noun: 'problem',
    lines: [verifyTotal(result), ...anchorOf(result)],
    counts: Object.entries(counts),
    causes: Object.entries(counts).map(([kind, count]) => {
      // Of hundreds the last kinds are counted, but not listed.
      const first = problems.find((problem) => problem.kind === kind)
      const parts = first ? [[kind, placeOf(first)].filter(Boolean).join(', '), first.detail] : [kind]
      return {count, example: archive, reason: parts.join(': ')}
    }),
    databases: problems.map(({kind, batch = '', id, detail}) => [batch || archive, kind, id === undefined ? detail : `${id}: ${detail}`]),
  }
}
