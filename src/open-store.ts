import {readFile} from 'node:fs/promises'
import type {Environment} from './find-setting.ts'
import {findRepository, requireRepository} from './github-repository.ts'
import {dotenvStore} from './secrets/dotenv.ts'
import type {GithubCredentials} from './secrets/github/credentials.ts'
import type {SecretStore} from './secrets/secret-store.ts'
import type {WorkflowRuns} from './secrets/workflow-runs.ts'
import type {Settings} from './settings.ts'

/** A store of bots' secrets, with the runs that use them where it knows of any. */
export type OpenedStore = {store: SecretStore; workflowRuns: WorkflowRuns | undefined}

/**
 * Opens the store of this kind, by default GitHub's where the databases are Turso's and a repository was given. Nothing is asked of GitHub yet.
 *
 * @throws StratError GITHUB_REPOSITORY_REQUIRED, GITHUB_REPOSITORY_INVALID, GITHUB_INSECURE, GITHUB_APP_INVALID
 */
export async function openStore(kind: SecretStore['kind'] | undefined, {settings, env, project, isNew = false}: StoreInput): Promise<OpenedStore> {
  if ((kind ?? defaultKind(settings, isNew)) === 'dotenv') return {store: dotenvStore({folder: project}), workflowRuns: undefined}
  const apiUrl = settings['github.apiUrl'].value
  const repository = requireRepository(await findRepository(settings['github.repository'], {folder: project, apiUrl}), apiUrl)
  const {githubStore} = await import('./secrets/github/github.ts')
  const store = githubStore({
    apiUrl,
    repository,
    scope: settings['tokens.secretScope'].value,
    environment: settings['github.environment'].value,
    credentials: await credentialsIn(env),
    ownRunId: env['GITHUB_RUN_ID'],
  })
  return {store, workflowRuns: store}
}

type StoreInput = {
  settings: Settings
  env: Environment
  project: string
  /** Whether a strategy is about to get its first secrets: those may go into a file where nobody can sign in to GitHub. */
  isNew?: boolean | undefined
}

function defaultKind(settings: Settings, isNew: boolean): SecretStore['kind'] {
  // A remote alone says nothing about where bots run.
  if (settings.platform.value !== 'turso' || settings['github.repository'].value === null) return 'dotenv'
  const isSignedIn = settings['github.token'].value || settings['github.appId'].value
  // Whoever cannot sign in must hear so, where secrets are there already: a file that no bot reads would look like success.
  return isSignedIn || !isNew ? 'github' : 'dotenv'
}

async function credentialsIn(env: Environment): Promise<GithubCredentials> {
  const {STRAT_GITHUB_APP_ID: id, STRAT_GITHUB_APP_PRIVATE_KEY: key, STRAT_GITHUB_APP_PRIVATE_KEY_FILE: file} = env
  const credentials = {token: (env['GITHUB_TOKEN'] || env['GH_TOKEN'])?.trim(), inActions: env['GITHUB_ACTIONS'] === 'true'}
  if (!id && !key && !file) return credentials
  return {...credentials, app: {id: id?.trim() ?? '', privateKey: key || (await readKey(file))}}
}

async function readKey(file: string | undefined): Promise<string> {
  const {appInvalid} = await import('./secrets/github/app-invalid.ts')
  if (!file) throw appInvalid('its private key is not set')
  return readFile(file, 'utf8').catch((error) => {
    throw appInvalid(`the file of its private key cannot be read (${error.code})`)
  })
}
