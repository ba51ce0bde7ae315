import {dirname, join} from 'node:path'
import {ulid} from 'ulid'
import packageJson from '../package.json' with {type: 'json'}
import {botUrlOf} from './bot-url.ts'
import {loadConfig} from './config.ts'
import type {Delivery} from './delivery/deliver.ts'
import type {Environment, Setting} from './find-setting.ts'
import type {Market} from './fleet/market.ts'
import {Pace, paceOf} from './fleet/pace.ts'
import {requireLifetime} from './lifetime.ts'
import {type Login, loginOf} from './login.ts'
import {baselineDatabase} from './migrator/baseline.ts'
import {adoptedBy, type Run} from './migrator/ledger.ts'
import {migrateDatabase} from './migrator/migrate-database.ts'
import {planMigrations, standingOf} from './migrator/plan.ts'
import {type RecordingsOf, recordingsIn} from './migrator/recordings.ts'
import type {OpenedArchiving} from './open-archiving.ts'
import {codeFolder, packageRoot} from './package-files.ts'
import {credentialsFile, storedApiToken} from './platform/credentials.ts'
import {localPlatform} from './platform/local.ts'
import type {Platform} from './platform/platform.ts'
import {rotationPolicyOf} from './rotation-policy.ts'
import type {SecretStore} from './secrets/secret-store.ts'
import {marketOf, resolveSettings, type SettingFlags, type Settings} from './settings.ts'
import type {Baseline} from './strategies/adopt.ts'
import type {Migrate} from './strategies/create.ts'
import type {StrategyName} from './strategies/name.ts'
import type {ShowDependencies} from './strategies/show.ts'
import {chooseTemplate, findTemplate, type Template} from './strategies/template.ts'
import type {RotationPolicy} from './tokens/due.ts'

export type ContextInput = {
  cwd: string
  env: Environment
  flags: SettingFlags
  /** Hears of each bot's token before it is anywhere else. */
  onMinted?: (databaseToken: string) => void
}

/** What the use cases work with, put together from the settings. */
export type Context = {
  settings: Settings
  /** The configuration file, where there is one. */
  configFile: string | undefined
  /** The folder of the configuration file, else the working directory. */
  project: string
  platform: Platform
  /** A new run of migrations; its id is its own, or the one that several jobs share. */
  newRun(id?: string): Run
  /** How many databases are worked on at once. */
  pace: Pace
  /** When live strategies trade. */
  market: Market
  /** The user's own migrations and templates, where the settings name them; `packaged` are strat's. */
  folders: {migrations: string | null; templates: string | null; packaged: {migrations: string; templates: string; migrationTemplate: string}}
  recordingsOf: RecordingsOf
  migrate: Migrate
  baseline: Baseline
  pendingOf: ShowDependencies['pendingOf']
  /** What gives bots their secrets, from a store of this kind or the one that fits the settings. */
  openDelivery(kind?: SecretStore['kind'], options?: {isNew: boolean}): Promise<Delivery>
  /** What archives trades: loaded only where it is used. */
  openArchiving(): Promise<OpenedArchiving>
  /** When the tokens of bots are replaced. */
  rotationPolicy(): RotationPolicy
  /** The setting, or else the remote `origin`. */
  findRepository(): Promise<Setting<string | null>>
  login: Login
  chooseTemplate(strategy: StrategyName, wanted: string | undefined): Promise<Template>
}

/** Reads the settings and picks what fits them: with `openStore` the only place that knows every adapter. */
export async function createContext({cwd, env, flags, onMinted = () => undefined}: ContextInput): Promise<Context> {
  const loaded = await loadConfig(cwd)
  const credentials = credentialsFile(env['XDG_CONFIG_HOME'])
  const settings = resolveSettings({
    flags,
    env,
    loaded,
    cwd,
    login: {file: credentials, isStoredFor: (apiUrl) => storedApiToken(credentials, apiUrl) !== undefined},
  })
  const newRun = (id = ulid()) => ({id, stratVersion: packageJson.version})
  const folders = foldersOf(settings)
  const templateFolders = [...(folders.templates ? [folders.templates] : []), folders.packaged.templates]
  const recordingsOf = folders.migrations ? recordingsIn(folders.migrations, {trusted: false}) : recordingsIn(folders.packaged.migrations, {trusted: true})
  const project = loaded.file ? dirname(loaded.file) : cwd
  const platform = await choosePlatform(settings, () => env['TURSO_API_TOKEN']?.trim() || storedApiToken(credentials, settings['turso.apiUrl'].value))
  const context: Context = {
    settings,
    configFile: loaded.file,
    project,
    platform,
    newRun,
    pace: new Pace(paceOf({isLocal: settings.platform.value === 'local', concurrency: settings.concurrency.value})),
    market: marketOf(settings),
    folders,
    recordingsOf,
    migrate: (database, {kind, ...input}) =>
      migrateDatabase(database, {run: newRun(), workFor: async (state) => ({recordings: planMigrations(await recordingsOf(kind), state)}), ...input}),
    baseline: async (database, {kind, ...input}) =>
      baselineDatabase(database, {run: newRun(`${adoptedBy}${ulid()}`), recordings: await recordingsOf(kind), ...input}),
    pendingOf: async (kind, state) => standingOf(await recordingsOf(kind), state).pending,
    openDelivery: async (kind, options) => ({
      platform,
      ...(await (await import('./open-store.ts')).openStore(kind, {settings, env, project, ...options})),
      permissionsOf: async (template) => (await findTemplate(templateFolders, template))?.permissions ?? [],
      botUrlOf: (database) => botUrlOf(database, settings),
      lifetimeSeconds: requireLifetime('tokens.lifetime', settings['tokens.lifetime'].value),
      runId: newRun().id,
      onMinted,
    }),
    openArchiving: async () => (await import('./open-archiving.ts')).openArchiving(context),
    rotationPolicy: () => rotationPolicyOf(settings),
    findRepository: async () =>
      (await import('./github-repository.ts')).findRepository(settings['github.repository'], {folder: project, apiUrl: settings['github.apiUrl'].value}),
    login: loginOf(credentials, settings['turso.apiUrl'].value),
    chooseTemplate: (strategy, wanted) => chooseTemplate(templateFolders, strategy, wanted),
  }
  return context
}

function foldersOf(settings: Settings): Context['folders'] {
  const root = packageRoot()
  return {
    migrations: settings.migrations.value,
    templates: settings.templates.value,
    packaged: {
      migrations: codeFolder('migrations'),
      templates: join(root, 'templates', 'strategies'),
      migrationTemplate: join(root, 'templates', 'migration.ts'),
    },
  }
}

async function choosePlatform(settings: Settings, readApiToken: () => string | undefined): Promise<Platform> {
  const group = settings['turso.group'].value
  if (settings.platform.value === 'local') return localPlatform({directory: settings['local.directory'].value, group})
  // Only here: few kilobytes that the local platform does not need at each start.
  const {tursoPlatform} = await import('./platform/turso.ts')
  return tursoPlatform({apiUrl: settings['turso.apiUrl'].value, apiToken: readApiToken(), organization: settings['turso.organization'].value, group})
}
