import {type ErrorCode, messageOf, StratError} from '../errors.ts'
import {type FleetRun, forEachDatabase, type Outcome} from '../fleet/run.ts'
import type {OnProgress} from '../progress.ts'
import type {WorkflowRun} from '../secrets/workflow-runs.ts'
import type {Prepared, PreparedRotation} from './prepare-rotation.ts'
import {type ReplaceDependencies, type Replaced, replaceToken} from './replace-token.ts'
import {byName, type RotatedStrategy, type RotateResult, summarizeRotation, toFailed} from './result.ts'

export type RotateDependencies = ReplaceDependencies & {
  fleet: Pick<FleetRun<unknown>, 'pace' | 'signal'>
  onProgress: OnProgress
}

/** Replaces the tokens that are due. One that fails does not stop the others; what waits when it is interrupted keeps its token. */
export async function rotateTokens(dependencies: RotateDependencies, {prepared, failed, unmarked}: PreparedRotation): Promise<RotateResult> {
  const {delivery, fleet} = dependencies
  const due = prepared.filter((each) => each.due !== undefined)
  const outcomes = await replaceEach(dependencies, due)
  const strategies = [
    ...prepared.filter((each) => each.due === undefined).map(toFresh),
    ...failed.map(({name, error}) => toFailed(name, error, null)),
    ...due.map((each, index) => toOutcome(each, outcomes[index])),
  ].sort(byName)
  const warnings = outcomes.flatMap((outcome) => (outcome.status === 'done' ? outcome.result.warnings : []))
  const report = await unfinishedRuns(dependencies, strategies)
  return {
    run: delivery.runId,
    strategies,
    unmarked,
    unfinishedRuns: report.runs,
    warnings: [...new Set([...warningsOf(prepared), ...warnings, ...report.warnings])],
    interrupted: fleet.signal?.aborted === true,
    summary: summarizeRotation(strategies),
  }
}

/** What `rotateTokens` would do. */
export function previewRotation({prepared, failed, unmarked}: PreparedRotation, runId: string): RotateResult {
  const strategies = [
    ...prepared.map((each) => (each.due === undefined ? toFresh(each) : toDue(each, each.due))),
    ...failed.map(({name, error}) => toFailed(name, error, null)),
  ]
  strategies.sort(byName)
  return {run: runId, strategies, unmarked, unfinishedRuns: [], warnings: warningsOf(prepared), interrupted: false, summary: summarizeRotation(strategies)}
}

async function replaceEach(dependencies: RotateDependencies, due: Prepared[]): Promise<Outcome<Replaced>[]> {
  const {fleet, onProgress} = dependencies
  const dueBy = new Map(due.map((each) => [each.database.name, each]))
  let [done, failures] = [0, 0]
  let hindrance: StratError | undefined
  return forEachDatabase(
    due.map(({database}) => database),
    async ({name}) => {
      const each = dueBy.get(name)
      if (!each) throw new TypeError(`${name} was not prepared`)
      if (hindrance) throw notBegun(hindrance)
      return replaceToken(dependencies, each)
    },
    {
      ...fleet,
      onOutcome: (outcome) => {
        done += 1
        if (outcome.status === 'failed') {
          failures += 1
          if (hindrances.includes(outcome.error.code)) hindrance ??= outcome.error
          onProgress({failure: `${outcome.database}: ${outcome.error.message}`})
        }
        onProgress({message: 'Rotating', done, total: due.length, failed: failures})
      },
    },
  )
}

/** What hinders every strategy alike: tokens that are minted after it would be for nobody. A canary that failed warns of all others. */
const hindrances: ErrorCode[] = ['CANARY_FAILED', 'GITHUB_FORBIDDEN', 'GITHUB_RATE_LIMITED', 'GITHUB_TOKEN_REQUIRED', 'GITHUB_UNAUTHENTICATED']

const notBegun = ({code, message, suggestions}: StratError) => new StratError(code, `Not begun after another one failed: ${message}`, {suggestions})

/** That nobody can be asked is no failure: the new tokens are there. */
async function unfinishedRuns(
  {delivery: {workflowRuns}}: RotateDependencies,
  strategies: RotatedStrategy[],
): Promise<{runs: WorkflowRun[]; warnings: string[]}> {
  if (!workflowRuns || !strategies.some(({status}) => status === 'rotated')) return {runs: [], warnings: []}
  try {
    return {runs: await workflowRuns.listUnfinished(), warnings: []}
  } catch (error) {
    return {runs: [], warnings: [`Nobody can tell which runs still hold old tokens: ${messageOf(error)}.`]}
  }
}

const warningsOf = (prepared: Prepared[]) => [...new Set(prepared.flatMap(({present}) => present.warnings))]

const expiryOf = ({present}: Prepared) => present.token?.expiresAt.toISOString() ?? null

const toFresh = (each: Prepared): RotatedStrategy => ({name: each.database.name, status: 'fresh', expiresAt: expiryOf(each) ?? ''})

const toDue = (each: Prepared, reason: string): RotatedStrategy => ({name: each.database.name, status: 'due', expiresAt: expiryOf(each), reason})

function toOutcome(each: Prepared, outcome: Outcome<Replaced> | undefined): RotatedStrategy {
  const {name} = each.database
  if (outcome?.status === 'done')
    return {
      name,
      status: 'rotated',
      expiresAt: outcome.result.expiresAt.toISOString(),
      reason: each.due ?? '',
      place: outcome.result.place,
      replaced: expiryOf(each),
    }
  if (!outcome) throw new TypeError(`${name} has no outcome`)
  return toFailed(name, outcome.error, expiryOf(each))
}
