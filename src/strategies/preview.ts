import {usingDatabase} from '../database/connect.ts'
import {emptyState, inspectDatabase, isUnfinished, notOurs, ownMarker} from '../database/inspect.ts'
import {usableToken} from '../delivery/deliver.ts'
import {type CreateDependencies, type CreatedStrategy, type CreateInput, existingStrategy} from './create.ts'
import {checkPlanRoom} from './plan-room.ts'
import {planTemplateFiles} from './template-files.ts'

export type PreviewedStrategy = Omit<CreatedStrategy, 'url' | 'requests' | 'files' | 'token'> & {dryRun: true; files: string[]}

/** What `createStrategy` would do now, with the same errors; `secrets` are those that it would write. Writes nothing. */
export async function previewStrategy(
  {platform, pendingOf, delivery}: Pick<CreateDependencies, 'platform' | 'pendingOf' | 'delivery'>,
  input: CreateInput,
): Promise<PreviewedStrategy> {
  const {strategy, template, project} = input
  const {name, kind, stage} = strategy
  const files = (await planTemplateFiles(template, name, project)).map(({path}) => path)
  await delivery?.store.check(name, {dryRun: true})
  const secrets = delivery?.store.placesOf(name) ?? []
  const common = {name, database: name, kind, stage, secrets, files, warnings: [], dryRun: true as const}
  const database = await platform.getDatabase(name)
  if (!database) {
    const warnings = await checkPlanRoom(platform)
    return {...common, status: 'created', template: template.name, migrations: await pendingOf(kind, emptyState), warnings}
  }
  return usingDatabase(await platform.connect(database), async (opened) => {
    const state = await inspectDatabase(opened)
    const found = ownMarker(name, state)
    const isSupplied = delivery && usableToken(await delivery.store.read(name), database, delivery.botUrlOf(database))
    if (found) return {...common, ...existingStrategy(found, input), secrets: isSupplied ? [] : secrets}
    if (!isUnfinished(state)) throw notOurs(name, state)
    return {...common, status: 'resumed', template: template.name, migrations: await pendingOf(kind, state), secrets: isSupplied ? [] : secrets}
  })
}
