import {readdir, readFile} from 'node:fs/promises'
import {join, parse} from 'node:path'
import {StratError} from '../errors.ts'
import {nearest} from '../nearest.ts'
import type {Permission} from '../platform/platform.ts'
import type {Kind, StrategyName} from './name.ts'

/** The first row of `portfolio_state`, in the currency that the bot trades in. */
export type Capital = {capitalAllocated: number; freeMargin: number; dailyStopLoss: number}

/** What a new strategy starts from. */
export type Template = {
  name: string
  kind: Kind
  /** Absent where there is no `portfolio_state`: in an archive. */
  capital?: Capital | undefined
  /** What the bot's token allows. */
  permissions: Permission[]
  /** Files for the project: where they go (`{strategy}` stands for the name), and their source in the template's folder. */
  files: Record<string, string>
  /** The folder that the sources are in. */
  folder: string
}

/**
 * The template of a new strategy: the one that is asked for, else the one whose name the strategy's name holds, else `blank`.
 *
 * @param folders where templates are, the user's own before the packaged ones
 * @throws StratError TEMPLATE_UNKNOWN, TEMPLATE_INVALID, STRATEGY_NAME_RESERVED
 */
export async function chooseTemplate(folders: string[], {name, kind}: StrategyName, wanted: string | undefined): Promise<Template> {
  const files = await templateFiles(folders)
  const wantedName = wanted ?? templateFor(name, kind, [...files.keys()])
  const file = files.get(wantedName)
  if (file === undefined) throw unknownTemplate(wantedName, [...files.keys()])
  const template = await readTemplate(file)
  if (template.kind === kind) return template
  const [holder, suggestion] = kind === 'archive' ? ['archives', `stage-${template.name}`] : ['strategies', 'archive']
  throw new StratError(
    'STRATEGY_NAME_RESERVED',
    `${name} is a name for ${holder}, and the template ${template.name} makes ${template.kind === 'archive' ? 'an archive' : 'a strategy'}.`,
    {
      suggestions: [suggestion],
    },
  )
}

function templateFor(name: string, kind: Kind, known: string[]): string {
  if (kind === 'archive') return 'archive'
  const words = name.split('-')
  return known.filter((template) => template !== 'archive' && words.join('-').includes(template)).sort((a, b) => b.length - a.length)[0] ?? 'blank'
}

/** The file of each template, by name; where several folders have one, the first folder's. */
async function templateFiles(folders: string[]): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const folder of folders.toReversed()) {
    const entries = await readdir(folder).catch((cause) => {
      throw new StratError('TEMPLATE_INVALID', `The templates folder ${folder} cannot be read.`, {
        suggestions: ['strat init --eject writes the packaged templates to start from.', 'Check "templates" in strat.config.ts.'],
        cause,
      })
    })
    for (const entry of entries.filter((name) => name.endsWith('.json'))) files.set(parse(entry).name, join(folder, entry))
  }
  return files
}

/** The template of that name, or undefined if there is none any more. */
export async function findTemplate(folders: string[], name: string): Promise<Template | undefined> {
  const file = (await templateFiles(folders)).get(name)
  return file === undefined ? undefined : readTemplate(file)
}

function unknownTemplate(name: string, known: string[]): StratError {
  const similar = nearest(name, known)
  return new StratError('TEMPLATE_UNKNOWN', `There is no template ${name}.`, {suggestions: similar.length > 0 ? similar : known.sort()})
}

async function readTemplate(file: string): Promise<Template> {
  const {name, dir: folder} = parse(file)
  const {checkTemplate} = await import('./template-schema.ts')
  const {template, problem} = checkTemplate(await readJson(file))
  if (template) return {name, folder, ...template}
  throw new StratError('TEMPLATE_INVALID', `${file}: ${problem}.`, {suggestions: ['strat init --eject writes the packaged templates to compare with.']})
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new StratError('TEMPLATE_INVALID', `${file} is not JSON.`, {cause})
  }
}
