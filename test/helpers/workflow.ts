import {registerHooks} from 'node:module'

type Workflow = Awaited<ReturnType<typeof import('@actions/workflow-parser').convertWorkflowTemplate>>

type Step = {uses?: string; run?: string; env?: Record<string, string>; with?: Record<string, string>}

/** What is written in a workflow file; expressions as `${{ … }}`. */
export type WorkflowFile = {
  permissions?: Record<string, string>
  concurrency?: {group: string; 'cancel-in-progress': boolean}
  env?: Record<string, string>
  jobs: Record<string, {'timeout-minutes'?: number; environment?: string; permissions?: Record<string, string>; steps: Step[]}>
}

/** A workflow file as GitHub's own parser reads it, with what is wrong with it. */
export async function readWorkflow(name: string, content: string): Promise<{workflow: Workflow; file: WorkflowFile; errors: string[]}> {
  const {convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow} = await importParser()
  const {context, value} = parseWorkflow({name, content}, new NoOperationTraceWriter())
  if (!value) throw new Error(`${name} is no YAML.`)
  const workflow = await convertWorkflowTemplate(context, value)
  const file: WorkflowFile = JSON.parse(JSON.stringify(value), plain)
  return {workflow, file, errors: context.errors.getErrors().map(({message}) => message)}
}

/** The steps of all jobs, with the job that each is in. */
export const stepsOf = ({jobs}: WorkflowFile): (Step & {job: string})[] =>
  Object.entries(jobs).flatMap(([job, {steps}]) => steps.map((step) => ({job, ...step})))

type Token = {type: 1; seq: unknown[]} | {type: 2; map: {Key: string; Value: unknown}[]} | {type: 3; expr: string} | {type?: never} | null

/** The parser's tokens as what they stand for. */
function plain(_key: string, token: Token): unknown {
  if (token?.type === 1) return token.seq
  if (token?.type === 2) return Object.fromEntries(token.map.map(({Key, Value}) => [Key, Value]))
  return token?.type === 3 ? `\${{ ${token.expr} }}` : token
}

/** The parser imports JSON without the attribute that Node asks for. */
async function importParser() {
  const hooks = registerHooks({
    load: (url, context, nextLoad) => nextLoad(url, url.endsWith('.json') ? {...context, importAttributes: {type: 'json'}} : context),
  })
  try {
    return await import('@actions/workflow-parser')
  } finally {
    hooks.deregister()
  }
}
