import {usingDatabase} from '../database/connect.ts'
import {emptyState, inspectDatabase, isUnfinished, notOurs, ownMarker} from '../database/inspect.ts'
import {type CreateDependencies, type CreatedStrategy, type CreateInput, existingStrategy} from './create.ts'
import {planTemplateFiles} from './template-files.ts'

export type PreviewedStrategy = Omit<CreatedStrategy, 'url' | 'requests' | 'files' | 'warnings'> & {dryRun: true; files: string[]}

/** What `createStrategy` would do now, with the same errors. Writes nothing. */
export async function previewStrategy(
  {platform, pendingOf}: Pick<CreateDependencies, 'platform' | 'pendingOf'>,
  input: CreateInput,
): Promise<PreviewedStrategy> {
  const {strategy, template, project} = input
  const {name, kind, stage} = strategy
  const files = (await planTemplateFiles(template, name, project)).map(({path}) => path)
  const common = {name, database: name, kind, stage, secrets: [], files, dryRun: true as const}
  const database = await platform.getDatabase(name)
  if (!database) return {...common, status: 'created', template: template.name, migrations: await pendingOf(kind, emptyState)}
  return usingDatabase(await platform.connect(database), async (opened) => {
    const state = await inspectDatabase(opened)
    const found = ownMarker(name, state)
    if (found) return {...common, ...existingStrategy(found, input)}
    if (!isUnfinished(state)) throw notOurs(name, state)
    return {...common, status: 'resumed', template: template.name, migrations: await pendingOf(kind, state)}
  })
}
