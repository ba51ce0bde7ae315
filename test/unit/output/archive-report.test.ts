import {expect, test} from 'vitest'
import {type ArchiveResult, type StrategyArchived, summarizeArchiving} from '../../../src/archive/fleet-result.ts'
import {archiveExitCode, archiveReport} from '../../../src/output/archive-report.ts'
import {archiveSummary, fleetSummary} from '../../../src/output/job-summary.ts'

const current: StrategyArchived = {
  name: 'stage-condor',
  status: 'current',
  moved: 0,
  ready: 0,
  kept: 4,
  stuck: 0,
  batches: [],
  keptReasons: [],
  late: [],
  left: [],
  odd: {rows: 0, ids: []},
  pending: false,
  stopped: 'done',
  rowsRead: null,
  rowsWritten: null,
  steps: {},
}

const resultOf = (changes: Partial<StrategyArchived>): ArchiveResult => {
  const strategies = [{...current, ...changes}]
  return {run: 'r', archive: 'archive', head: null, strategies, unmarked: [], interrupted: false, summary: summarizeArchiving(strategies)}
}

const textOf = (result: ArchiveResult) => archiveReport(result).warnings.map(({warning}) => warning)

const late = {symbol: 'NIFTY', rows: 3, ids: ['a', 'b', 'c']}

test.for<[string, Partial<StrategyArchived>, string]>([
  ['a late row', {left: [{symbol: 'NIFTY', reason: 'late'}]}, 'closed trades of NIFTY stay for now: trades of the same time came meanwhile'],
  ['a changed row', {left: [{symbol: 'NIFTY', reason: 'changed'}]}, 'closed trades of NIFTY stay for now: they were changed meanwhile'],
  ['a batch that took too long', {left: [{symbol: 'NIFTY', reason: 'slow'}]}, 'closed trades of NIFTY stay for now: it took too long'],
  [
    'a piece that fits no request',
    {left: [{symbol: 'NIFTY', reason: 'large'}]},
    'stay for now: they close only together, and are more than one request may hold',
  ],
  ['a batch that waits', {left: [{symbol: 'NIFTY', reason: 'pending'}], pending: true}, 'stay for now: an earlier run may still be at it'],
  ['a batch that waits, of nothing that is known', {pending: true}, 'a batch of an earlier run is not sealed yet'],
  ['a value that no archive takes', {odd: {rows: 1, ids: ['x'.repeat(100)]}}, `1 trade that no archive takes as they are: ${'x'.repeat(60)}….`],
  ['a source that changed', {stopped: 'changed'}, 'the trades were changed while they were archived; run it again'],
  ['trades that came late and stay', {late: [{...late, kept: 3}]}, '3 trades of NIFTY came after its later ones were archived, and stay'],
])('%s is no success, and the report and the job summary say why', ([, changes, words]) => {
  const result = resultOf(changes)
  expect(archiveExitCode(result)).toBe(3)
  expect(result.summary.remaining).toBe(1)
  expect(textOf(result).join()).toContain(words)
  expect(fleetSummary(archiveSummary(result))).toContain(words.slice(0, 60))
})

test('trades that came late and went, and those that are stuck, are told, and no failure', () => {
  const stuck = {symbol: 'NIFTY', reason: 'NOT_FLAT' as const, rows: 4, stuck: true, since: null}
  const result = resultOf({moved: 3, status: 'archived', late: [{...late, kept: 0}], stuck: 4, keptReasons: [stuck]})
  expect(archiveExitCode(result)).toBe(0)
  expect(textOf(result)).toEqual([
    'stage-condor: stuck, as no trade to come closes them: 4 trades of NIFTY.',
    'stage-condor: 3 trades of NIFTY came after its later ones were archived, and went after them: a, b, c.',
  ])
})

test('an interruption wins over what remains', () => {
  expect(archiveExitCode({...resultOf({pending: true}), interrupted: true})).toBe(130)
})

test('a limit that lets something go is no failure, one that lets nothing go is', () => {
  expect(archiveExitCode(resultOf({stopped: 'max-rows', moved: 4, tooMany: 8}))).toBe(0)
  const seconds = resultOf({stopped: 'max-seconds'})
  expect(archiveExitCode(seconds)).toBe(3)
  expect(textOf(seconds)).toEqual(['The time was over before anything was moved.'])
})
