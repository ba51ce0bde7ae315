import {usingDatabase} from '../database/connect.ts'
import type {Database, Statement} from '../database/database.ts'
import {type DatabaseState, emptyState, inspectDatabase, isBeingDestroyed, isUnfinished, notOurs, ownMarker} from '../database/inspect.ts'
import type {Marker} from '../database/marker.ts'
import {type Delivered, type Delivery, deliverSecrets} from '../delivery/deliver.ts'
import {StratError} from '../errors.ts'
import type {Platform} from '../platform/platform.ts'
import type {OnProgress} from '../progress.ts'
import type {WrittenFile} from '../write-file.ts'
import {unblockBot} from './block-bot.ts'
import {checkCapital, completionOf} from './first-rows.ts'
import type {Kind, Stage, StrategyName} from './name.ts'
import {checkPlanRoom} from './plan-room.ts'
import type {Capital, Template} from './template.ts'
import {planTemplateFiles, writeTemplateFiles} from './template-files.ts'

/** Brings a database of a kind to its latest migration and makes `completion` true in the same transaction; says what it was that did so. */
export type Migrate = (
  database: Database,
  input: {kind: Kind; state: DatabaseState; completion: (state: DatabaseState) => Statement[]},
) => Promise<{applied: string[]; completed: boolean}>

export type CreateDependencies = {
  platform: Pick<Platform, 'getDatabase' | 'createDatabase' | 'connect' | 'readUsage'>
  /** What a database that stands like this lacks; throws where the migrations themselves are wrong. */
  pendingOf: (kind: Kind, state: DatabaseState) => Promise<string[]>
  migrate: Migrate
  /** Left out where the bot's secrets are nobody's business. */
  delivery?: Delivery | undefined
  onProgress: OnProgress
}

export type CreateInput = {
  strategy: StrategyName
  template: Template
  /** Whether the template was asked for by name: then a strategy of another template is an error. */
  isTemplateExplicit: boolean
  /** Replaces the template's. */
  capital?: Partial<Capital>
  /** The folder that the template's files are written to. */
  project: string
}

export type CreatedStrategy = {
  name: string
  database: string
  kind: Kind
  template: string
  stage: Stage | null
  /** `resumed`: an earlier run was interrupted, this one finished it. `existing`: it was there and is as it was. */
  status: 'created' | 'resumed' | 'existing'
  url: string
  migrations: string[]
  /** Where the bot's secrets are; `token` is null where it has none. */
  secrets: Delivered['secrets']
  token: Delivered['token']
  files: WrittenFile[]
  warnings: string[]
  /** How many requests the database was sent. */
  requests: number
}

/**
 * Makes a strategy: its database, all migrations, the marker and the first capital row. The last three become true at once,
 * so that after a crash at any point a second run ends in the same state. Then the template's files and the bot's secrets,
 * which a second run also brings to a strategy that exists: the run that made it may have died before.
 *
 * @throws StratError STRATEGY_NOT_OURS, STRATEGY_TEMPLATE_DIFFERS, PLAN_FULL, SECRETS_UNWRITABLE; a database that is not ours is never touched
 */
export async function createStrategy(dependencies: CreateDependencies, input: CreateInput): Promise<CreatedStrategy> {
  const {pendingOf, platform, delivery, onProgress} = dependencies
  const {strategy, template, project, capital = {}} = input
  const {name, kind, stage} = strategy
  checkCapital({...template.capital, ...capital})
  const newFiles = await planTemplateFiles(template, name, project)
  await pendingOf(kind, emptyState)
  await delivery?.store.check(name)
  const planWarnings = (await platform.getDatabase(name)) ? [] : await checkPlanRoom(platform)
  const {database, revived, ...made} = await makeDatabase(dependencies, input)
  const files = made.template === template.name ? await writeTemplateFiles(newFiles) : []
  if (delivery) onProgress({message: `Giving the bot of ${name} its secrets`})
  const {warnings, ...delivered} = delivery ? await deliverSecrets(delivery, database, made.template) : noSecrets
  const isUnused = made.status === 'existing' && Object.keys(capital).length > 0
  const unused = isUnused ? [`${name} keeps its capital and stop loss: they are set when it is created.`] : []
  return {name, database: name, kind, stage, url: database.url, ...delivered, files, warnings: [...planWarnings, ...revived, ...unused, ...warnings], ...made}
}

const noSecrets: Delivered = {secrets: [], token: null, warnings: []}

/** The database with everything that makes it a strategy. */
async function makeDatabase({platform, migrate, onProgress}: CreateDependencies, input: CreateInput) {
  const {strategy, template} = input
  const {name, kind} = strategy
  onProgress({message: `Creating the database ${name}`})
  const {database, created} = await platform.createDatabase(name)
  return usingDatabase(await platform.connect(database), async (opened) => {
    const state = created ? emptyState : await inspectDatabase(opened)
    const found = ownMarker(name, state)
    if (found) return {database, ...existingStrategy(found, input), revived: await reviveStrategy(opened, state, name), requests: opened.requests}
    if (!isUnfinished(state)) throw notOurs(name, state)
    onProgress({message: `Applying the migrations to ${name}`})
    const {applied, completed} = await migrate(opened, {kind, state, completion: (current) => completionOf(current, input)})
    // Not completed by us means that another run was faster.
    const status = !completed ? ('existing' as const) : created ? ('created' as const) : ('resumed' as const)
    return {database, status, template: template.name, migrations: applied, revived: [], requests: opened.requests}
  })
}

/** Lets the bot of a strategy go on whose destruction was interrupted. */
async function reviveStrategy(database: Database, state: DatabaseState, name: string): Promise<string[]> {
  if (!isBeingDestroyed(state)) return []
  await database.migrate(unblockBot())
  return [`The destruction of ${name} was interrupted; its bot may add trades again.`]
}

/** A strategy that is there already; it stays as it is. */
export function existingStrategy(marker: Marker, {strategy, template, isTemplateExplicit}: CreateInput) {
  if (isTemplateExplicit && marker.template !== template.name) {
    throw new StratError('STRATEGY_TEMPLATE_DIFFERS', `${strategy.name} is there already, made from the template ${marker.template}.`, {
      suggestions: [`strat show ${strategy.name}`, 'Choose another name.'],
    })
  }
  return {status: 'existing' as const, template: marker.template, migrations: []}
}
