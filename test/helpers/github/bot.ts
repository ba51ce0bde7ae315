import {isFor} from './organization.ts'
import type {Organization, Repository} from './repository.ts'

export type BotScope = 'environment' | 'repository' | 'organization'
export type Bot = {scope?: BotScope; environment?: string; repository?: Repository}

/**
 * What a job of the strategy would be given now, of all scopes as GitHub looks through them; undefined where one of the two is missing or cannot be opened.
 * In the environment of the strategy's name, if nothing else is said; elsewhere under names that end with the strategy's.
 */
export function botSecrets(organizations: Map<string, Organization>, repository: Repository, strategy: string, bot: Bot) {
  const {scope = 'environment', environment = strategy} = bot
  const ending = scope === 'environment' ? '' : `_${strategy.toUpperCase().replaceAll('-', '_')}`
  const of = (name: string) => jobSecret(organizations, repository, scope === 'environment' ? environment : undefined, `${name}${ending}`)
  const [TURSO_DB_URL, TURSO_AUTH_TOKEN] = [of('TURSO_DB_URL'), of('TURSO_AUTH_TOKEN')]
  return TURSO_DB_URL === undefined || TURSO_AUTH_TOKEN === undefined ? undefined : {TURSO_DB_URL, TURSO_AUTH_TOKEN}
}

/** The nearest scope wins: environment, repository, organization. */
function jobSecret(organizations: Map<string, Organization>, repository: Repository, environment: string | undefined, name: string): string | undefined {
  const near = environment === undefined ? undefined : repository.environments.get(environment.toLowerCase())?.secrets.get(name)
  const own = near ?? repository.secrets.get(name)
  if (own) return own.value
  const organization = organizations.get(repository.owner.toLowerCase())
  const shared = organization?.secrets.get(name)
  return organization && shared && isFor(repository, organization.login, shared.access) ? shared.value : undefined
}
