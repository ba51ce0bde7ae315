import {usingDatabase} from '../database/connect.ts'
import type {Database, Statement} from '../database/database.ts'
import {type DatabaseState, emptyState, inspectDatabase, isBeingDestroyed, isUnfinished, notOurs, ownMarker} from '../database/inspect.ts'
import {insertMarker, type Marker} from '../database/marker.ts'
import {StratError} from '../errors.ts'
import type {Platform} from '../platform/platform.ts'
import type {OnProgress} from '../progress.ts'
import type {WrittenFile} from '../write-file.ts'
import {unblockBot} from './destroy.ts'
import type {Kind, Stage, StrategyName} from './name.ts'
import type {Capital, Template} from './template.ts'
import {planTemplateFiles, writeTemplateFiles} from './template-files.ts'

/** Brings a database of a kind to its latest migration and makes `completion` true in the same transaction; says what it was that did so. */
export type Migrate = (
  database: Database,
  input: {kind: Kind; state: DatabaseState; completion: (state: DatabaseState) => Statement[]},
) => Promise<{applied: string[]; completed: boolean}>

export type CreateDependencies = {
  platform: Pick<Platform, 'getDatabase' | 'createDatabase' | 'connect'>
  /** What a database that stands like this lacks; throws where the migrations themselves are wrong. */
  pendingOf: (kind: Kind, state: DatabaseState) => Promise<string[]>
  migrate: Migrate
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
  secrets: {store: string; scope: string; name: string}[]
  files: WrittenFile[]
  warnings: string[]
  /** How many requests the database was sent. */
  requests: number
}

/**
 * Makes a strategy: its database, all migrations, the marker and the first capital row. The last three become true at once,
 * so that after a crash at any point a second run ends in the same state.
 *
 * @throws StratError STRATEGY_NOT_OURS, STRATEGY_TEMPLATE_DIFFERS; a database that is not ours is never touched
 */
export async function createStrategy({platform, pendingOf, migrate, onProgress}: CreateDependencies, input: CreateInput): Promise<CreatedStrategy> {
  const {strategy, template, project} = input
  const {name} = strategy
  checkCapital({...template.capital, ...input.capital})
  const newFiles = await planTemplateFiles(template, name, project)
  await pendingOf(strategy.kind, emptyState)
  onProgress({message: `Creating the database ${name}`})
  const {database, created} = await platform.createDatabase(name)
  const made = await usingDatabase(await platform.connect(database), async (opened) => {
    const state = created ? emptyState : await inspectDatabase(opened)
    const found = ownMarker(name, state)
    if (found) return {...existingStrategy(found, input), ...(await reviveStrategy(opened, state, input)), requests: opened.requests}
    if (!isUnfinished(state)) throw notOurs(name, state)
    onProgress({message: `Applying the migrations to ${name}`})
    const {applied, completed} = await migrate(opened, {kind: strategy.kind, state, completion: (current) => completionOf(current, input)})
    // Not completed by us means that another run was faster.
    const status = !completed ? ('existing' as const) : created ? ('created' as const) : ('resumed' as const)
    return {status, template: template.name, migrations: applied, requests: opened.requests}
  })
  // Also of a strategy that exists: the run that made it may have died before this step.
  const files = made.template === template.name ? await writeTemplateFiles(newFiles) : []
  const {revived, ...result} = {revived: undefined, ...made}
  const unused =
    made.status === 'existing' && Object.keys(input.capital ?? {}).length > 0
      ? [`${name} keeps its capital and stop loss: they are set when it is created.`]
      : []
  return {
    name,
    database: name,
    kind: strategy.kind,
    stage: strategy.stage,
    url: database.url,
    secrets: [],
    files,
    warnings: [...(revived ? [revived] : []), ...unused],
    ...result,
  }
}

/** Lets the bot of a strategy go on whose destruction was interrupted. */
async function reviveStrategy(database: Database, state: DatabaseState, {strategy: {name}}: CreateInput): Promise<{revived?: string}> {
  if (!isBeingDestroyed(state)) return {}
  await database.migrate(unblockBot())
  return {revived: `The destruction of ${name} was interrupted; its bot may add trades again.`}
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

function checkCapital({capitalAllocated = 0, dailyStopLoss = 0}: Partial<Capital>): void {
  if (dailyStopLoss <= capitalAllocated) return
  throw new StratError('USAGE', `A daily stop loss of ${dailyStopLoss} is more than the capital of ${capitalAllocated}.`, {
    suggestions: ['Choose a smaller --stop-loss or a larger --capital.'],
  })
}

function completionOf(state: DatabaseState, {strategy: {name, kind}, template, capital}: CreateInput): Statement[] {
  if (state.marker) return []
  const marker = insertMarker({strategy: name, kind, template: template.name, createdAt: new Date().toISOString()})
  return template.capital ? [marker, insertCapital({...template.capital, ...capital})] : [marker]
}

/** Numbers travel as text: a server's JSON parser changes the last place of some (measured on sqld). */
const insertCapital = ({capitalAllocated, freeMargin, dailyStopLoss}: Capital): Statement => ({
  sql: `INSERT INTO portfolio_state (capital_allocated, free_margin, daily_stop_loss)
    VALUES (CAST(? AS REAL), CAST(? AS REAL), CAST(? AS REAL))`,
  args: [capitalAllocated, freeMargin, dailyStopLoss].map(String),
})
