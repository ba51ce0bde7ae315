import {type Answer, isoSeconds, pageOf, refuse} from './answer.ts'
import type {RepositoryCall} from './call.ts'
import {describeRepository} from './repositories.ts'
import type {Repository} from './repository.ts'
import type {Dispatch, Github} from './state.ts'

/** A workflow that may be dispatched, by its file's name, with the inputs that it declares. */
export type Workflow = {id: number; file: string; inputs: string[]}
export type Run = {id: number; file: string; name: string; status: string; conclusion: string | null; event: string; createdAt: number; dispatch?: Dispatch}

export async function listRuns({github, repository, params, url}: RepositoryCall): Promise<Answer> {
  const workflow = params['workflow_id']
  if (workflow !== undefined && !findWorkflow(repository, workflow)) return refuse(404, 'Not Found')
  const file = workflow === undefined ? undefined : findWorkflow(repository, workflow)?.file
  const [status, event] = [url.searchParams.get('status'), url.searchParams.get('event')]
  const asked = repository.runs.filter((run) => file === undefined || run.file === file)
  const all = asked
    .filter((run) => event === null || run.event === event)
    .filter((run) => status === null || run.status === status || run.conclusion === status)
    .map((run) => describe(github, repository, run))
  await Promise.all(asked.map((run) => goOn(github, run)))
  return pageOf(all, 'workflow_runs', url)
}

export async function listJobs({github, repository, params, url}: RepositoryCall): Promise<Answer> {
  const run = repository.runs.find(({id}) => String(id) === params['run_id'])
  if (!run) return refuse(404, 'Not Found')
  const jobs = [describeJob(github, repository, run)]
  await goOn(github, run)
  return pageOf(jobs, 'jobs', url)
}

export function dispatch({github, repository, params, body}: RepositoryCall): Answer {
  const workflow = findWorkflow(repository, params['workflow_id'] ?? '')
  if (!workflow) return refuse(404, 'Not Found')
  const {ref, inputs = {}, return_run_details: withDetails} = body as {ref: string; inputs?: Record<string, unknown>; return_run_details?: boolean}
  if (ref !== 'main' && ref !== 'refs/heads/main') return refuse(422, `No ref found for: ${ref}`)
  const unexpected = Object.keys(inputs).filter((input) => !workflow.inputs.includes(input))
  if (unexpected.length > 0) return refuse(422, `Unexpected inputs provided: ${JSON.stringify(unexpected)}`)
  const run = github.addRun({file: workflow.file, name: workflow.file, status: 'queued', event: 'workflow_dispatch'}, repository)
  run.dispatch = {workflow: workflow.file, ref, inputs, runId: run.id}
  github.dispatches.push(run.dispatch)
  if (!withDetails) return {status: 204}
  const {url: run_url, html_url} = describe(github, repository, run)
  return {status: 200, body: {workflow_run_id: run.id, run_url, html_url}}
}

/** A dispatched run takes a step each time that somebody looks: from the queue to its job, from its job to its end. */
async function goOn(github: Github, run: Run): Promise<void> {
  if (!run.dispatch || run.status === 'completed') return
  const conclusion = run.status === 'queued' ? undefined : await github.conclude(run.dispatch)
  run.status = conclusion === undefined ? 'in_progress' : 'completed'
  run.conclusion = conclusion ?? null
}

function findWorkflow({workflows}: Repository, idOrFile: string): Workflow | undefined {
  return workflows.get(idOrFile) ?? [...workflows.values()].find(({id}) => String(id) === idOrFile)
}

function describe(github: Github, repository: Repository, run: Run) {
  const described = describeRepository(github, repository)
  const url = `${described.url}/actions/runs/${run.id}`
  const at = isoSeconds(run.createdAt)
  return {
    ...shared(run),
    path: `.github/workflows/${run.file}`,
    run_number: 1,
    event: run.event,
    workflow_id: repository.workflows.get(run.file)?.id ?? 1,
    url,
    html_url: `${described.html_url}/actions/runs/${run.id}`,
    pull_requests: [],
    ...{created_at: at, updated_at: at, run_started_at: at},
    ...{jobs_url: `${url}/jobs`, logs_url: `${url}/logs`, check_suite_url: `${described.url}/check-suites/1`, artifacts_url: `${url}/artifacts`},
    ...{cancel_url: `${url}/cancel`, rerun_url: `${url}/rerun`, workflow_url: `${described.url}/actions/workflows/1`},
    head_commit: null,
    repository: described,
    head_repository: described,
    display_title: run.name,
  }
}

function describeJob(github: Github, repository: Repository, run: Run) {
  const {url: base, html_url} = describeRepository(github, repository)
  const [at, isOver] = [isoSeconds(run.createdAt), run.status === 'completed']
  return {
    ...shared(run),
    run_id: run.id,
    run_url: `${base}/actions/runs/${run.id}`,
    url: `${base}/actions/jobs/${run.id}`,
    html_url: `${html_url}/actions/runs/${run.id}/job/${run.id}`,
    ...{created_at: at, started_at: at, completed_at: isOver ? isoSeconds(github.now()) : null},
    check_run_url: `${base}/check-runs/${run.id}`,
    ...{labels: ['ubuntu-latest'], runner_id: 1, runner_name: 'runner', runner_group_id: 1, runner_group_name: 'Default'},
    workflow_name: run.name,
  }
}

function shared({id, name, status, conclusion}: Run) {
  return {id, name, node_id: `WFR_${id}`, head_branch: 'main', head_sha: '0'.repeat(40), run_attempt: 1, status, conclusion}
}
