import type {VerifyResult} from '../archive/verify-archive.ts'
import {causesOf} from '../fleet/causes.ts'
import type {FleetSummary} from './job-summary.ts'
import type {Report} from './report.ts'
import {plural} from './text.ts'

/** What was found in an archive: a row for each problem. */
export function verifyReport(result: VerifyResult): Report {
  const {archive, problems, unsealed, head} = result
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
      ...(head === null ? [] : [`Head of the chain in ${archive}: ${head}`]),
    ],
  }
}

/** `archive is as it was sealed: 12 batches, 4800 trades`. */
export function verifyTotal({archive, batches, rows, counts}: VerifyResult): string {
  const problems = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`)
  const size = `${batches} ${batches === 1 ? 'batch' : 'batches'}, ${plural(rows, 'trade')}`
  return problems.length > 0 ? `${archive} is not as it was sealed: ${problems.join(', ')}, in ${size}` : `${archive} is as it was sealed: ${size}`
}

/** A verification for the page of its job, with the head of the chain. */
export function verifySummary(result: VerifyResult): FleetSummary {
  const {archive, head, problems, counts} = result
  return {
    title: 'strat archive verify',
    lines: [verifyTotal(result), ...(head === null ? [] : [`Head of the chain in ${archive}: ${head}`])],
    counts: Object.entries(counts),
    causes: causesOf(problems.map(({kind}) => ({name: archive, reason: kind}))),
    databases: problems.map(({kind, batch = '', detail}) => [batch || archive, kind, detail]),
  }
}
