import {registerHooks} from 'node:module'

type Parsed = {workflow: Awaited<ReturnType<typeof import('@actions/workflow-parser').convertWorkflowTemplate>>; errors: string[]}

/** A workflow file as GitHub's own parser reads it, with what is wrong with it. */
export async function readWorkflow(name: string, content: string): Promise<Parsed> {
  const {convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow} = await importParser()
  const {context, value} = parseWorkflow({name, content}, new NoOperationTraceWriter())
  if (!value) throw new Error(`${name} is no YAML.`)
  const workflow = await convertWorkflowTemplate(context, value)
  return {workflow, errors: context.errors.getErrors().map(({message}) => message)}
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
