import {readdir, readFile} from 'node:fs/promises'
import {join, relative} from 'node:path'
import {configFileNames} from '../config.ts'
import {StratError} from '../errors.ts'
import {translatingStorageErrors} from '../storage-error.ts'
import {type WrittenFile, writeProjectFile} from '../write-file.ts'

export type InitInput = {
  /** The folder to write into. */
  project: string
  /** strat's own package, whose migrations and templates are copied. */
  source: string
  /** Also the migrations and templates, to be changed. */
  eject: boolean
  /** Also the Python store for bots, and an example bot with the GitHub workflow that runs it. */
  bot: boolean
  /** Also the GitHub workflows that run a bot, migrate the fleet, keep its tokens young, and archive its trades. */
  workflows: boolean
  /** Replaces files that are there. */
  force: boolean
}

export type InitResult = {files: WrittenFile[]; warnings: string[]}

type NewFile = {path: string; content: string}

const config = (eject: boolean) => `import {defineConfig} from 'strat-cli'

// All settings: strat config
export default defineConfig({
  platform: 'local',${eject ? "\n  migrations: './migrations',\n  templates: './templates'," : ''}
})
`

/** Writes what a project of the user's own starts from. What is there is kept, unless `force` is given. */
export async function initProject(input: InitInput): Promise<InitResult> {
  const {project, source, eject, bot, workflows, force} = input
  const files = [
    await configFile(project, eject),
    ...(eject ? await copies(join(source, 'migrations'), 'migrations') : []),
    ...(eject ? await copies(join(source, 'templates', 'strategies'), 'templates') : []),
    ...(bot ? await botFiles(join(source, 'templates')) : []),
    ...(bot || workflows ? [await workflowFile(join(source, 'templates'), 'bot.yml', 'stage-condor.yml')] : []),
    ...(workflows ? await fleetWorkflows(join(source, 'templates')) : []),
  ]
  return translatingStorageErrors(project, async () => {
    const written: WrittenFile[] = []
    for (const file of files) written.push({path: file.path, status: await writeProjectFile(join(project, file.path), file.content, {force})})
    return {files: written, warnings: await warningsOf(input, written)}
  })
}

async function warningsOf({project, source, eject}: InitInput, [config]: WrittenFile[]): Promise<string[]> {
  const warnings: string[] = []
  if (project === source) warnings.push("This is strat's own folder, and its migrations are those that it packages: make a folder for your bots instead.")
  if (eject && config?.status === 'kept' && !(await readFile(join(project, config.path), 'utf8')).includes('migrations:')) {
    warnings.push(`${config.path} was kept: make sure it says migrations: './migrations' and templates: './templates'.`)
  }
  return warnings
}

/** The configuration under the name that it has already, so that there are never two. */
async function configFile(project: string, eject: boolean): Promise<NewFile> {
  const present = await readdir(project)
  const existing = configFileNames.find((name) => present.includes(name))
  if (existing !== undefined && existing !== 'strat.config.ts') {
    throw new StratError('FILE_EXISTS', `${join(project, existing)} is the configuration already.`, {suggestions: ['Change it by hand, or remove it first.']})
  }
  return {path: 'strat.config.ts', content: config(eject)}
}

async function botFiles(templates: string): Promise<NewFile[]> {
  return copies(join(templates, 'python'), '')
}

const fleetWorkflows = (templates: string) =>
  Promise.all(['migrate', 'rotate', 'check', 'canary', 'archive'].map((name) => workflowFile(templates, `${name}.yml`, `strat-${name}.yml`)))

async function workflowFile(templates: string, from: string, to: string): Promise<NewFile> {
  return {path: join('.github', 'workflows', to), content: await readFile(join(templates, 'workflows', from), 'utf8')}
}

/** The packaged files of a folder, as they go into a folder of the project. */
async function copies(from: string, to: string): Promise<NewFile[]> {
  const entries = await readdir(from, {recursive: true, withFileTypes: true})
  const paths = entries.filter((entry) => entry.isFile() && !entry.parentPath.endsWith('__pycache__')).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(paths.sort().map(async (path) => ({path: join(to, relative(from, path)), content: await readFile(path, 'utf8')})))
}
