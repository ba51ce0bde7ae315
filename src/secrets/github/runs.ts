import {setTimeout} from 'node:timers/promises'
import {StratError} from '../../errors.ts'
import {serverWords} from '../../secret.ts'
import type {WorkflowRun, WorkflowRuns} from '../workflow-runs.ts'
import {type GithubApi, orMissing} from './api.ts'
import {answerInvalid, GithubRefusal} from './github-errors.ts'
import type {GithubLimits} from './limits.ts'

type Run = {id: number; name?: string | null; html_url: string; status: string | null; conclusion: string | null}

export type RunsOptions = {
  /** Whether jobs get the secrets when they start, as those of environments. */
  readsAtStart: boolean
  /** The run that this process is a step of, if it is one. */
  ownRunId: string | undefined
}

/** The workflow runs of a repository. */
export function workflowRuns(api: GithubApi, {readsAtStart, ownRunId}: RunsOptions, {canaryMs, lookMs}: GithubLimits): WorkflowRuns {
  const actions = `/repos/${api.repository}/actions`
  return {
    listUnfinished: () =>
      api.explaining(async () => {
        // Secrets of an environment are read when a job starts, all others when the run is queued.
        const runs = await runsIn(api, `${actions}/runs?${readsAtStart ? 'status=in_progress&' : ''}per_page=100`)
        return runs.filter(({id, status}) => status !== 'completed' && String(id) !== ownRunId).map(toWorkflowRun)
      }),

    runCanary: (workflow, strategy) =>
      api.explaining(async () => {
        const path = `${actions}/workflows/${encodeURIComponent(workflow)}`
        const id = await dispatch(api, path, workflow, strategy)
        const start = performance.now()
        for (;;) {
          const run = (await runsIn(api, `${path}/runs?event=workflow_dispatch&per_page=100`)).find((each) => each.id === id)
          if (run?.status === 'completed') return succeeded(run, workflow)
          if (performance.now() - start + lookMs > canaryMs) throw canaryFailed(workflow, `has not ended after ${canaryMs / 60_000} minutes`, run?.html_url)
          await setTimeout(lookMs)
        }
      }),
  }
}

/** Starts the workflow on the default branch and returns the id of its run. Never sent twice: that would be two runs. */
async function dispatch({send, repository, host}: GithubApi, path: string, workflow: string, strategy: string): Promise<number> {
  const found = await orMissing(send(`GET /repos/${repository}`))
  const {default_branch: branch} = (found?.data ?? {}) as {default_branch?: unknown}
  // Where the repository does not tell, the usual name is tried: a wrong one is refused, and starts nothing.
  const ref = typeof branch === 'string' ? branch : 'main'
  try {
    const {data} = await send(`POST ${path}/dispatches`, {ref, inputs: {strategy}, return_run_details: true}, {isRepeatable: false})
    const {workflow_run_id: id} = (data ?? {}) as {workflow_run_id?: unknown}
    if (typeof id === 'number') return id
    throw canaryFailed(workflow, `was started, and GitHub at ${host} does not say as which run`)
  } catch (error) {
    throw error instanceof GithubRefusal ? canaryFailed(workflow, `cannot be started (${error.message || `HTTP ${error.status}`})`) : error
  }
}

async function runsIn({send, host}: GithubApi, path: string): Promise<Run[]> {
  const {data} = await send(`GET ${path}`)
  const {workflow_runs: runs} = (data ?? {}) as {workflow_runs?: Run[]}
  if (!Array.isArray(runs)) throw answerInvalid(host)
  return runs
}

const toWorkflowRun = ({name, html_url: url, status}: Run): WorkflowRun => ({
  name: serverWords(name ?? '') || 'a run',
  url: serverWords(url),
  status: serverWords(status ?? 'unknown'),
})

function succeeded(run: Run, workflow: string): WorkflowRun {
  if (run.conclusion === 'success') return toWorkflowRun(run)
  throw canaryFailed(workflow, `ended with ${run.conclusion ?? 'nothing'}`, run.html_url)
}

const canaryFailed = (workflow: string, what: string, url?: string) =>
  new StratError('CANARY_FAILED', `The workflow ${workflow} ${what}.`, {
    suggestions: [
      ...(url ? [`${url} tells why.`] : [`It must be in .github/workflows of the default branch, with workflow_dispatch and the input strategy.`]),
      'The new token is in its place already; run the same command again with --force for another one.',
    ],
  })
