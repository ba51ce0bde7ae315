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
export async function initProject({project, source, eject, force}: InitInput): Promise<InitResult> {
  const files = [await configFile(project, eject), ...(eject ? await ejected(source) : [])]
  return translatingStorageErrors(project, async () => {
    const written: WrittenFile[] = []
    for (const file of files) written.push({path: file.path, status: await writeProjectFile(join(project, file.path), file.content, {force})})
    const isConfigKept = written[0]?.status === 'kept'
    return {
      files: written,
      warnings: eject && isConfigKept ? [`${written[0]?.path} was kept: make sure it says migrations: './migrations' and templates: './templates'.`] : [],
    }
  })
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

async function ejected(source: string): Promise<NewFile[]> {
  const folders = [
    {from: join(source, 'migrations'), to: 'migrations'},
    {from: join(source, 'templates', 'strategies'), to: 'templates'},
  ]
  const files = await Promise.all(
    folders.map(async ({from, to}) => {
      const entries = await readdir(from, {recursive: true, withFileTypes: true})
      const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
      return Promise.all(paths.sort().map(async (path) => ({path: join(to, relative(from, path)), content: await readFile(path, 'utf8')})))
    }),
  )
  return files.flat()
}
