import {randomInt} from 'node:crypto'
import {type App, type AppOptions, newApp} from './app.ts'
import {type Bot, botSecrets} from './bot.ts'
import type {Fault} from './faults.ts'
import {type Environment, newRepository, type Organization, type Repository} from './repository.ts'
import {type GithubRequest, writesOf} from './requests.ts'
import type {Run, Workflow} from './runs.ts'
import {keepSecret, keepVariable, newScope, type Scope} from './scope.ts'
import {everything, type Grant, newToken, type Permissions} from './tokens.ts'

export type Dispatch = {workflow: string; ref: string; inputs: Record<string, unknown>; runId: number}

/** Where secrets and variables are: in the repository that the stand-in begins with, in its owner, or in one of its environments. */
export type Place = 'repository' | 'organization' | {environment: string}

/** What the stand-in for GitHub knows, and what tests tell and ask it. */
export class Github {
  /** What GITHUB_API_URL is to be. */
  url = ''
  readonly repository = 'desk/bots'
  /** A fine-grained personal token that may do everything here. */
  readonly token: string
  readonly requests: GithubRequest[] = []
  readonly dispatches: Dispatch[] = []
  readonly faults: Fault[] = []
  readonly repositories = new Map<string, Repository>()
  readonly organizations = new Map<string, Organization>()
  readonly grants = new Map<string, Grant>()
  readonly apps = new Map<number, App>()
  /** How far its clock is ahead of this machine's. */
  clockShiftMs = 0
  /** How many of the next reads of secrets are answered as before the last write. */
  staleReads = 0
  installationTokenMs = 3_600_000
  /** The generation of keys. Not the keys themselves: scopes share it, as on GitHub. */
  keyId = '568250167242549743'
  /** Hears of each request before it is carried out. */
  watch: (request: GithubRequest) => unknown = () => undefined
  /** How a dispatched run ends, when it does; undefined while it goes on. */
  conclude: (dispatch: Dispatch) => string | undefined | Promise<string | undefined> = () => 'success'
  /** Answers of its own that are not as GitHub describes them: a defect of the stand-in. */
  readonly defects: string[] = []
  #lastId = 1000

  constructor() {
    this.addOrganization('desk')
    this.addRepository(this.repository)
    this.token = this.addToken(everything)
  }

  now = () => Date.now() + this.clockShiftMs
  newId = () => ++this.#lastId

  /** The requests that may have changed something. */
  get writes(): GithubRequest[] {
    return writesOf(this.requests)
  }

  addOrganization(login: string): Organization {
    const organization = {...newScope(), id: this.newId(), login}
    this.organizations.set(login.toLowerCase(), organization)
    return organization
  }

  addRepository(fullName: string, {isPrivate = true} = {}): Repository {
    const repository = newRepository(this.newId(), fullName, isPrivate)
    this.repositories.set(fullName.toLowerCase(), repository)
    return repository
  }

  addEnvironment(name: string, repository = this.home): Environment {
    const environment = {...newScope(), id: this.newId(), name, createdAt: this.now()}
    repository.environments.set(name.toLowerCase(), environment)
    return environment
  }

  /** A fine-grained personal token; of all repositories, where none are given. */
  addToken(permissions: Permissions, repositories?: string[]): string {
    return this.grant('personal', permissions, newToken('github_pat_'), repositories)
  }

  /** What a workflow of the repository has as GITHUB_TOKEN, with all that a workflow can ask for. */
  workflowToken(): string {
    return this.grant('integration', {metadata: 'read', actions: 'write', contents: 'write'}, newToken('ghs_'), [this.repository])
  }

  /** Lets a token in; `expiresAt` in milliseconds by GitHub's clock. */
  grant(kind: Grant['kind'], permissions: Permissions, token: string, repositories?: string[], expiresAt = Number.POSITIVE_INFINITY): string {
    this.grants.set(token, {kind, permissions, repositories: repositories?.map((name) => name.toLowerCase()), expiresAt})
    return token
  }

  /** A GitHub App with a key of its own, installed in all repositories or in those given. */
  addApp(options: AppOptions = {}): App {
    const app = newApp(this.newId(), this.newId(), options)
    this.apps.set(app.id, app)
    return app
  }

  /** A workflow that can be dispatched with the inputs that it declares. */
  addWorkflow(file: string, inputs: string[] = [], repository = this.home): Workflow {
    const workflow = {id: this.newId(), file, inputs}
    repository.workflows.set(file, workflow)
    return workflow
  }

  /** A run of `bot.yml` that is in progress, if nothing else is said. */
  addRun(given: Partial<Run> = {}, repository = this.home): Run {
    const usual = {file: 'bot.yml', name: 'bot', status: 'in_progress', conclusion: null, event: 'schedule'}
    const run = {...usual, id: this.newId(), createdAt: this.now(), ...given}
    repository.runs.unshift(run)
    return run
  }

  /** What a job of the strategy would be given now; undefined where it is not both secrets. */
  bot = (strategy: string, bot: Bot = {}) => botSecrets(this.organizations, bot.repository ?? this.home, strategy, bot)

  /** The repository that it begins with. */
  get home(): Repository {
    return found(this.repositories.get(this.repository), this.repository)
  }

  scope(place: Place): Scope {
    if (place === 'repository') return this.home
    if (place === 'organization') return found(this.organizations.get(this.home.owner), this.home.owner)
    return found(this.home.environments.get(place.environment.toLowerCase()), place.environment)
  }

  /** The value as a job would get it; undefined where there is none, or nobody can open it. */
  secretOf = (place: Place, name: string) => this.scope(place).secrets.get(name)?.value
  variableOf = (place: Place, name: string) => this.scope(place).variables.get(name)?.value
  setSecret = (place: Place, name: string, value: string) => keepSecret(this.scope(place), name, value, this.now())
  setVariable = (place: Place, name: string, value: string) => keepVariable(this.scope(place), name, value, this.now())

  /** New keys for all: what was sealed with the old ones is not taken any more. */
  changeKeys(): void {
    this.keyId = String(randomInt(2 ** 40))
  }
}

function found<T>(thing: T | undefined, name: string): T {
  if (thing === undefined) throw new Error(`The stand-in has no ${name}.`)
  return thing
}
